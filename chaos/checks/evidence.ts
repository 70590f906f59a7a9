/** What the databases of all parts say, read one after another when nothing moves any more. */
import type { Place } from '../stack/chaos-stack.ts';
import { among, openRows, type Rows } from './rows.ts';

export interface SagaFact {
  readonly id: string;
  readonly key: string;
  readonly status: string;
  readonly open: boolean;
  readonly logLength: number;
  readonly lines: readonly { readonly bookId: number; readonly quantity: number }[];
  readonly totalCents: number | null;
}

/** A row of the saga log; `seq` counts from 1 for each saga. */
export interface SagaLogFact {
  readonly orderId: string;
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: string;
}

export interface BookFact {
  readonly id: number;
  readonly initial: number;
  readonly onHand: number;
  readonly held: number;
  readonly sold: number;
}

export interface CopiesFact {
  readonly orderId: string;
  readonly bookId: number;
  readonly quantity: number;
}

export interface LedgerFact {
  readonly orderId: string;
  readonly state: string;
  readonly capturedCents: number;
  readonly refundedCents: number;
}

/** Money that moved, by the shop's own book of movements. */
export interface MovementFact {
  readonly orderId: string;
  readonly kind: 'capture' | 'return';
  readonly cents: number;
}

/** What the provider, who is not the shop, has done. */
export interface ChargeFact {
  readonly orderId: string;
  readonly amountCents: number;
  readonly outcome: string;
}

export interface HistoryFact {
  readonly orderId: string;
  readonly totalCents: number | null;
  /** It stays in the history, marked, and counts for nothing. */
  readonly isCancelled: boolean;
}

export interface MailFact {
  readonly orderId: string;
  readonly template: string;
}

/** An entry of the saga log as the log store has it: `saga-<order>-<seq>`. */
export interface LoggedFact {
  readonly id: string;
}

export interface Evidence {
  readonly sagas: readonly SagaFact[];
  readonly sagaLog: readonly SagaLogFact[];
  readonly books: readonly BookFact[];
  readonly holds: readonly CopiesFact[];
  readonly sales: readonly CopiesFact[];
  readonly ledgers: readonly LedgerFact[];
  readonly movements: readonly MovementFact[];
  readonly charges: readonly ChargeFact[];
  readonly history: readonly HistoryFact[];
  readonly mails: readonly MailFact[];
  readonly logged: readonly LoggedFact[];
  /** What was logged before may be rotated away; 0 when nothing was. Milliseconds since 1970. */
  readonly loggedSince: number;
}

/** All of it, or what concerns these orders; books are always all. */
export async function readEvidence(place: Place, ids?: readonly string[]): Promise<Evidence> {
  const read = async <T>(owner: string, look: (rows: Rows) => Promise<T>): Promise<T> => {
    await using rows = await openRows(place, owner);
    return await look(rows);
  };
  const [mediator, inventory, payment, history, mails, records] = await Promise.all([
    read('mediator', (rows) => readSagas(rows, ids)),
    read('inventory', (rows) => readCopies(rows, ids)),
    read('payment', (rows) => readMoney(rows, ids)),
    read('customer', (rows) =>
      rows.all<HistoryFact>(
        `SELECT order_id AS "orderId", total_cents AS "totalCents",
                cancelled_at IS NOT NULL AS "isCancelled"
         FROM order_history WHERE ${among('order_id', ids)}`,
      ),
    ),
    read('notification', (rows) =>
      rows.all<MailFact>(
        `SELECT order_id AS "orderId", template FROM mail WHERE ${among('order_id', ids)}`,
      ),
    ),
    read('logs', (rows) => readLogged(rows, ids)),
  ]);
  return { ...mediator, ...inventory, ...payment, history, mails, ...records };
}

async function readSagas(rows: Rows, ids: readonly string[] | undefined) {
  const sagas = await rows.all<SagaFact>(
    `SELECT id, idempotency_key AS key, status, open, log_seq AS "logLength", data->'lines' AS lines,
            (data->'priced'->>'totalCents')::int AS "totalCents"
     FROM saga WHERE ${among('id', ids)}`,
  );
  const sagaLog = await rows.all<SagaLogFact>(
    `SELECT saga_id AS "orderId", seq, at::float8 AS at, kind FROM saga_log WHERE ${among('saga_id', ids)}
     ORDER BY saga_id, seq`,
  );
  return { sagas, sagaLog };
}

async function readCopies(rows: Rows, ids: readonly string[] | undefined) {
  const copies = (table: string): Promise<readonly CopiesFact[]> =>
    rows.all(
      `SELECT order_id AS "orderId", book_id AS "bookId", quantity FROM ${table}
       WHERE ${among('order_id', ids)}`,
    );
  return {
    books: await readBooks(rows),
    holds: await copies('hold'),
    sales: await copies('sale'),
  };
}

export function readBooks(rows: Rows): Promise<readonly BookFact[]> {
  return rows.all(
    'SELECT id, initial, on_hand AS "onHand", reserved AS held, sold FROM book ORDER BY id',
  );
}

async function readMoney(rows: Rows, ids: readonly string[] | undefined) {
  const where = among('order_id', ids);
  return {
    ledgers: await rows.all<LedgerFact>(
      `SELECT order_id AS "orderId", state, captured_cents AS "capturedCents",
              refunded_cents AS "refundedCents" FROM ledger WHERE ${where}`,
    ),
    movements: await rows.all<MovementFact>(
      `SELECT order_id AS "orderId", kind, cents FROM ledger_entry WHERE ${where}`,
    ),
    charges: await rows.all<ChargeFact>(
      `SELECT order_id AS "orderId", amount_cents AS "amountCents", outcome
       FROM provider_charge WHERE ${where}`,
    ),
  };
}

async function readLogged(rows: Rows, ids: readonly string[] | undefined) {
  const logged = await rows.all<LoggedFact>(
    `SELECT id FROM record WHERE id LIKE 'saga-%' AND ${among('order_id', ids)}`,
  );
  const [oldest] = await rows.all<{ seq: number; at: number }>(
    'SELECT seq, at FROM record ORDER BY seq LIMIT 1',
  );
  return { logged, loggedSince: oldest === undefined || oldest.seq === 1 ? 0 : oldest.at };
}
