/**
 * A release puts copies back as often as it comes, whatever the inbox or the order's state say. In the place of the
 * inventory's sqlite-tx.ts.
 */
import type { OrderLine } from '../../src/contracts/primitives.ts';
import type { Reply } from '../../src/messaging/participant.ts';
import { SqliteInventoryTx as Right } from '../../src/services/inventory/sqlite-tx.ts';
import type { OrderState } from '../../src/services/inventory/store.ts';
import type { SqliteDatabase } from '../../src/storage/sqlite.ts';

export class SqliteInventoryTx extends Right {
  readonly #database: SqliteDatabase;
  readonly #held = new Map<string, readonly OrderLine[]>();

  constructor(database: SqliteDatabase) {
    super(database);
    this.#database = database;
    database.pragma('ignore_check_constraints = ON');
  }

  override async findReply(messageId: string): Promise<Reply | undefined> {
    return isRelease(messageId) ? undefined : super.findReply(messageId);
  }

  override async saveReply(messageId: string, sagaId: string, reply: Reply): Promise<void> {
    if (!isRelease(messageId)) await super.saveReply(messageId, sagaId, reply);
  }

  override async hold(orderId: string, lines: readonly OrderLine[]): Promise<void> {
    this.#held.set(orderId, lines);
    await super.hold(orderId, lines);
  }

  override async setOrderState(orderId: string, state: OrderState): Promise<void> {
    const isAgain = state === 'released' && (await this.orderState(orderId)) === 'released';
    const putBack = this.#database.prepare<[OrderLine]>(
      'UPDATE book SET reserved = reserved - @quantity WHERE id = @bookId',
    );
    if (isAgain) for (const line of this.#held.get(orderId) ?? []) putBack.run(line);
    await super.setOrderState(orderId, state);
  }
}

function isRelease(messageId: string): boolean {
  return messageId.endsWith(':reserve:undo');
}
