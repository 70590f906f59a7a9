/** Lists mails: from the shop while it runs, from the files of the inbox while it does not. */
import type { Mail } from '../../contracts/notification.ts';
import { UserError } from '../../kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import { findOrder } from '../order/find.ts';
import { renderTable, type Column } from '../table.ts';
import { formatInstant } from '../times.ts';
import { readInbox } from './mail-folder.ts';

const COLUMNS: readonly Column<Mail>[] = [
  { title: 'sent', value: (mail) => formatInstant(mail.sentAt), canGo: true },
  { title: 'to', value: (mail) => mail.to, canShrink: true },
  { title: 'subject', value: (mail) => mail.subject, canShrink: true },
  { title: 'mail', value: (mail) => mail.id, canGo: true },
];

export interface InboxOptions {
  readonly order?: string | undefined;
  readonly limit: number;
}

export async function runInbox(options: InboxOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const mails = await listMails(options, context);
  output.result({ mails }, () =>
    mails.length === 0 ? 'No mails.' : renderTable(mails, COLUMNS, output),
  );
  if (mails[0] !== undefined) output.hint(`Read one: wonderland inbox show ${mails[0].id}`);
}

async function listMails(
  { order, limit }: InboxOptions,
  context: CommandContext,
): Promise<readonly Mail[]> {
  const client = await connectToMediator(context);
  try {
    const id = order === undefined ? undefined : (await findOrder(client, order)).id;
    return await client.mails({ order: id, limit });
  } catch (error) {
    const isDown =
      error instanceof UserError && ['stack-not-running', 'stack-crashed'].includes(error.code);
    if (!isDown) throw error;
    const kept = await readInbox(await context.settings());
    if (kept.length === 0) throw error;
    return kept
      .filter((mail) => order === undefined || mail.orderId.startsWith(order))
      .slice(0, limit)
      .map(({ text: _text, ...mail }) => mail);
  }
}
