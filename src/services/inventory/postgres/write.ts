/** Writes what a transaction has gathered. Every process writes in the same order: orders, books, lines. */
import type { ClientBase } from 'pg';

import { LostRaceError } from '../../../storage/optimistic.ts';
import { sortedValues } from '../../../storage/postgres-inbox.ts';
import type { OrderState } from '../store.ts';
import type { Gathered, LinesChange } from './gathered.ts';

/** @throws LostRaceError when something is no longer as it was read. */
export async function writeGathered(client: ClientBase, gathered: Gathered): Promise<void> {
  await writeStates(client, gathered);
  await moveCopies(client, gathered);
  await writeLines(client, 'hold', gathered.holds);
  await writeLines(client, 'sale', gathered.sales);
  gathered.clear();
}

interface StateRow {
  readonly orderId: string;
  readonly read: OrderState | undefined;
  readonly now: OrderState | undefined;
}

async function writeStates(client: ClientBase, { states }: Gathered): Promise<void> {
  const rows = new Map(
    [...states]
      .map(([orderId, change]): [string, StateRow] => [orderId, { orderId, ...change }])
      .filter(([, { read, now }]) => read !== now),
  );
  const changed = sortedValues(rows);
  const isNew = ({ read }: StateRow): boolean => read === undefined;
  await insertStates(client, changed.filter(isNew));
  await updateStates(
    client,
    changed.filter((row) => !isNew(row)),
  );
}

async function insertStates(client: ClientBase, rows: readonly StateRow[]): Promise<void> {
  if (rows.length === 0) return;
  const { rowCount } = await client.query({
    name: 'insert-states',
    text: `INSERT INTO order_state SELECT * FROM unnest($1::text[], $2::text[])
           ON CONFLICT (order_id) DO NOTHING`,
    values: [rows.map((row) => row.orderId), rows.map((row) => row.now)],
  });
  if (rowCount !== rows.length) throw new LostRaceError('a new order');
}

async function updateStates(client: ClientBase, rows: readonly StateRow[]): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map((row) => row.orderId);
  await client.query({
    name: 'lock-states',
    text: 'SELECT 1 FROM order_state WHERE order_id = ANY($1) ORDER BY order_id FOR NO KEY UPDATE',
    values: [ids],
  });
  const { rowCount } = await client.query({
    name: 'update-states',
    text: `UPDATE order_state SET state = change.now
           FROM unnest($1::text[], $2::text[], $3::text[]) AS change (id, read, now)
           WHERE order_id = change.id AND state = change.read`,
    values: [ids, rows.map((row) => row.read), rows.map((row) => row.now)],
  });
  if (rowCount !== rows.length) throw new LostRaceError('the state of an order');
}

/**
 * Locked in order of id first, because an UPDATE of many takes them as it finds them. Only as much as the UPDATE
 * needs: a new hold of another group refers to books that it did not move, out of order, and must not wait.
 */
async function moveCopies(client: ClientBase, { movedBooks }: Gathered): Promise<void> {
  if (movedBooks.length === 0) return;
  const ids = movedBooks.map((book) => book.id);
  await client.query({
    name: 'lock-books',
    text: 'SELECT 1 FROM book WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE',
    values: [ids],
  });
  const { rowCount } = await client.query({
    name: 'move-copies',
    text: `UPDATE book SET reserved = book.reserved + move.reserved,
                           on_hand = book.on_hand + move.on_hand,
                           sold = book.sold + move.sold
           FROM unnest($1::int[], $2::int[], $3::int[], $4::int[])
                AS move (id, reserved, on_hand, sold)
           WHERE book.id = move.id
             AND book.on_hand + move.on_hand - book.reserved >= move.reserved`,
    values: [
      ids,
      movedBooks.map((book) => book.reserved),
      movedBooks.map((book) => book.onHand),
      movedBooks.map((book) => book.sold),
    ],
  });
  if (rowCount !== movedBooks.length) throw new LostRaceError('the last copies of a book');
}

/** An order's lines are replaced as a whole. */
async function writeLines(
  client: ClientBase,
  table: 'hold' | 'sale',
  changes: ReadonlyMap<string, LinesChange>,
): Promise<void> {
  const changed = [...changes].filter(([, { read, now }]) => read !== now);
  const gone = changed.filter(([, { read }]) => read.length > 0);
  if (gone.length > 0) {
    const { rowCount } = await client.query({
      name: `delete-${table}s`,
      text: `DELETE FROM ${table} WHERE order_id = ANY($1)`,
      values: [gone.map(([orderId]) => orderId)],
    });
    const known = gone.reduce((sum, [, { read }]) => sum + read.length, 0);
    if (rowCount !== known) throw new LostRaceError('the copies of an order');
  }
  const rows = changed.flatMap(([orderId, { now }]) => now.map((line) => ({ orderId, ...line })));
  if (rows.length === 0) return;
  await client.query({
    name: `insert-${table}s`,
    text: `INSERT INTO ${table} SELECT * FROM unnest($1::text[], $2::int[], $3::int[])`,
    values: [
      rows.map((row) => row.orderId),
      rows.map((row) => row.bookId),
      rows.map((row) => row.quantity),
    ],
  });
}
