/** The notification service's database: which mails went out, and what each message was answered. */
import type { Mail } from '../../contracts/notification.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { InboxTx, ParticipantStore } from '../../messaging/participant.ts';
import { GroupCommit } from '../../storage/group-commit.ts';
import { SqliteInbox } from '../../storage/sqlite-inbox.ts';
import { openSqlite, sqliteTransactions, type SqliteDatabase } from '../../storage/sqlite.ts';
import { MIGRATIONS } from './migrations.ts';

interface MailRow {
  readonly id: string;
  readonly order_id: string;
  readonly recipient: string;
  readonly subject: string;
  readonly template: string;
  readonly sent_at: number;
  readonly repeats: number | null;
}

export class NotificationTx extends SqliteInbox implements InboxTx {
  readonly #insert;
  readonly #newest;
  readonly #ofOrders;
  readonly #noteRepeat;
  readonly #giveUp;
  readonly #givenUp;

  constructor(database: SqliteDatabase) {
    super(database);
    this.#insert = database.prepare<[Mail]>(
      'INSERT INTO mail VALUES (@id, @orderId, @to, @subject, @template, @sentAt)',
    );
    this.#newest = database.prepare<[number], MailRow>(
      `SELECT mail.*, times AS repeats FROM mail LEFT JOIN repeat ON mail_id = id
       ORDER BY sent_at DESC, mail.rowid DESC LIMIT ?`,
    );
    this.#ofOrders = database.prepare<[string, number], MailRow>(
      `SELECT mail.*, times AS repeats FROM mail LEFT JOIN repeat ON mail_id = mail.id
       WHERE order_id IN (SELECT value FROM json_each(?))
       ORDER BY sent_at DESC, mail.rowid DESC LIMIT ?`,
    );
    this.#noteRepeat = database.prepare<[string]>(
      'INSERT INTO repeat VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1',
    );
    this.#giveUp = database.prepare<[string, string]>('REPLACE INTO given_up VALUES (?, ?)');
    this.#givenUp = database.prepare<[string], { reason: string }>(
      'SELECT reason FROM given_up WHERE message_id = ?',
    );
  }

  /** Remembers that this message can never be carried out. */
  giveUp(messageId: string, reason: string): void {
    this.#giveUp.run(messageId, reason);
  }

  /** Why this message was given up, if it was. */
  reasonGivenUp(messageId: string): string | undefined {
    return this.#givenUp.get(messageId)?.reason;
  }

  /** The mail went out before. */
  noteRepeat(mailId: string): void {
    this.#noteRepeat.run(mailId);
  }

  addMail(mail: Mail): void {
    this.#insert.run(mail);
  }

  /** Newest first; those of these orders, or all when none is named. */
  listMails(orderIds: readonly string[], limit: number): Mail[] {
    const rows =
      orderIds.length === 0
        ? this.#newest.all(limit)
        : this.#ofOrders.all(JSON.stringify(orderIds), limit);
    return rows.map(({ order_id: orderId, recipient: to, sent_at: sentAt, repeats, ...row }) => ({
      ...row,
      orderId,
      to,
      sentAt,
      ...(repeats !== null && { repeats }),
    }));
  }
}

export type NotificationStore = ParticipantStore<NotificationTx> & AsyncDisposable;

/** @throws UserError `state-version` when the file was written by a newer program. */
export function openNotificationStore(file: string, clock: Clock): NotificationStore {
  const database = openSqlite({ file, migrations: MIGRATIONS, clock });
  const group = new GroupCommit(sqliteTransactions(database, new NotificationTx(database), clock));
  return {
    transact: (work, beforeCommit) => group.transact(work, beforeCommit),
    [Symbol.asyncDispose]: async () => {
      await group.idle();
      database.close();
    },
  };
}
