/** The inventory service: holds, sells and gives back copies, and answers what is in the catalogue. */
import path from 'node:path';

import { required } from '../../config/settings.ts';
import * as contract from '../../contracts/inventory.ts';
import type { OrderLine } from '../../contracts/primitives.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { BugError } from '../../kernel/errors.ts';
import { startInboxPruner } from '../../messaging/inbox-pruner.ts';
import {
  onMessage,
  reply,
  startParticipant,
  type CommandHandler,
  type Reply,
} from '../../messaging/participant.ts';
import type { Part } from '../../messaging/part.ts';
import { openSqlite } from '../../storage/sqlite.ts';
import { CATALOGUE } from './catalogue.ts';
import { commitStep, isSameLines, priceOf, refusalOf, releaseStep } from './decide.ts';
import { MIGRATIONS } from './migrations.ts';
import { openPostgresInventory } from './postgres/store.ts';
import { SqliteInventoryStore } from './sqlite-store.ts';
import type { InventoryStore, InventoryTx } from './store.ts';

/** The limit of `inventory.audited`. */
const MAX_AUDITED_HOLDS = 10_000;

/**
 * Serves `inventory.commands` until disposed, from the PostgreSQL of WONDERLAND_INVENTORY_URL or else from
 * `<dataDir>/inventory.db`; a new database is filled with the catalogue.
 * @throws UserError `invalid-config` without a place for its data, `database-unreachable`, `state-version` when a
 *   newer program wrote it.
 */
export async function startInventory(part: Part): Promise<AsyncDisposable> {
  await using opening = new ClosingStack();
  const store = opening.use(await openStore(part));
  await store.seed(CATALOGUE);
  opening.use(
    await startParticipant(part, {
      queue: part.names.queueOf('inventory'),
      store,
      handlers: [...COMMANDS, ...QUERIES],
    }),
  );
  opening.use(await startInboxPruner({ part, store, keepMs: part.settings.inboxKeepMs }));
  return opening.move();
}

async function openStore({ settings, clock }: Part): Promise<InventoryStore> {
  const { inventoryUrl: url, namespace, dataDir } = settings;
  if (url !== undefined) return openPostgresInventory({ url, namespace, clock });
  const file = path.join(required(dataDir, 'WONDERLAND_DATA_DIR'), 'inventory.db');
  return new SqliteInventoryStore(openSqlite({ file, migrations: MIGRATIONS, clock }), clock);
}

const COMMANDS: readonly CommandHandler<InventoryTx>[] = [
  onMessage(contract.reserve, (body, work) => {
    const { declineWith } = work;
    if (declineWith === undefined) return work.once((tx) => reserve(tx, body));
    return work.once((tx) => refuse(tx, body.orderId, { reason: declineWith }));
  }),
  onMessage(contract.commit, ({ orderId }, work) => work.once((tx) => commit(tx, orderId))),
  onMessage(contract.release, ({ orderId }, work) => work.once((tx) => release(tx, orderId))),
  onMessage(contract.stockBooks, ({ books, run }, work) =>
    work.once(async (tx) =>
      reply(contract.booksStocked, { bookIds: await tx.addBooks(books, run) }),
    ),
  ),
];

const QUERIES: readonly CommandHandler<InventoryTx>[] = [
  onMessage(contract.listBooks, (page, work) =>
    work.transact(async (tx) => reply(contract.booksListed, await tx.listBooks(page))),
  ),
  onMessage(contract.findBook, (key, work) =>
    work.transact(async (tx) =>
      reply(contract.bookFound, { book: (await tx.findBook(key)) ?? null }),
    ),
  ),
  onMessage(contract.audit, ({ bookIds }, work) =>
    work.transact(async (tx) =>
      reply(contract.audited, await tx.audit(bookIds, MAX_AUDITED_HOLDS)),
    ),
  ),
];

interface Reservation {
  readonly orderId: string;
  readonly lines: readonly OrderLine[];
}

async function reserve(tx: InventoryTx, { orderId, lines }: Reservation): Promise<Reply> {
  const state = await tx.orderState(orderId);
  if (state === 'released') return refused(orderId, { reason: 'released' });
  const books = await tx.lockBooks(lines.map((line) => line.bookId));
  if (state === undefined) {
    const refusal = refusalOf(lines, books);
    if (refusal !== undefined) return refuse(tx, orderId, refusal);
    await tx.setOrderState(orderId, 'held');
    await tx.hold(orderId, lines);
  } else if (!isSameLines(lines, await tx.heldLines(orderId))) {
    throw new BugError(`order ${orderId} is ${state} with other lines than these`);
  }
  return reply(contract.reserved, { orderId, ...priceOf(lines, books), currency: 'EUR' });
}

/** A copy of the command that comes when the answer is forgotten must not find copies: the order is over. */
async function refuse(
  tx: InventoryTx,
  orderId: string,
  refusal: { reason: string; bookId?: number },
): Promise<Reply> {
  await tx.setOrderState(orderId, 'released');
  return refused(orderId, refusal);
}

function refused(orderId: string, refusal: { reason: string; bookId?: number }): Reply {
  return reply(contract.refused, { orderId, ...refusal });
}

async function commit(tx: InventoryTx, orderId: string): Promise<Reply> {
  if (commitStep(await tx.orderState(orderId)) === 'sell') {
    await tx.setOrderState(orderId, 'committed');
    await tx.sell(orderId);
  }
  return reply(contract.committed, { orderId });
}

async function release(tx: InventoryTx, orderId: string): Promise<Reply> {
  const step = releaseStep(await tx.orderState(orderId));
  await tx.setOrderState(orderId, 'released');
  if (step === 'unhold') await tx.unhold(orderId);
  if (step === 'take-back') await tx.takeBack(orderId);
  return reply(contract.released, { orderId });
}
