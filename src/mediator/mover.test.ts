// Goal: memory may only say yes. Method: a store of one row whose truth differs from what is remembered.
import { describe, expect, test } from 'vitest';

import { refused, reserved } from '../contracts/inventory.ts';
import type { JournalEntry } from '../contracts/orders.ts';
import type { LogFields } from '../kernel/logger.ts';
import { namesOf } from '../messaging/topology.ts';
import { Mover, movedOf, type Step } from './mover.ts';
import { SagaMemory } from './saga-memory.ts';
import type { SagaRow } from './saga-row.ts';
import type { LockedMove, Transition } from './saga-store.ts';
import { begin, type Moved } from './transition.ts';

const orderId = '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f';
const context = { names: namesOf(''), now: 1_000 };

const fresh = begin(
  {
    orderId,
    customer: { id: 'alice', name: 'Alice', email: 'alice@wonderland.example' },
    lines: [{ bookId: 42, quantity: 1 }],
    payment: { kind: 'visa', token: 'tok_visa' },
  },
  {
    customer_id: 'alice',
    idempotency_key: 'k',
    body_hash: 'h',
    origin: 'm',
    traceparent: '00-0-0-01',
    run: null,
  },
  context,
).row;

const line = { bookId: 42, quantity: 1, title: 'T', unitPriceCents: 100 };
const reply = (type: string, body: object): Step => ({
  sagaId: orderId,
  messageId: 'm1',
  beforeCommit: () => undefined,
  event: { kind: 'replied', step: 'reserve', direction: 'do', type, body: { orderId, ...body } },
});
const yes = (): Step => reply(reserved.name, { lines: [line], totalCents: 100, currency: 'EUR' });
const no = (): Step => reply(refused.name, { reason: 'out-of-stock' });

/** PostgreSQL's promise for one row: a write from another state than the stored one is not done. */
class OneRow {
  readonly calls: string[] = [];
  row: SagaRow;

  constructor(row: SagaRow) {
    this.row = row;
  }

  async advance(batch: readonly Transition[]): Promise<ReadonlySet<string>> {
    this.calls.push('advance');
    return this.#write(batch);
  }

  async transition(_ids: readonly string[], { move, beforeCommit }: LockedMove): Promise<void> {
    this.calls.push('lock');
    this.#write(move(new Map([[this.row.id, this.row]])));
    await beforeCommit();
  }

  #write(batch: readonly Transition[]): ReadonlySet<string> {
    const done = batch.filter(({ log }) => log[0]?.seq === this.row.log_seq + 1);
    for (const { row } of done) this.row = row;
    return new Set(done.map(({ row }) => row.id));
  }
}

const setUp = (stored: SagaRow, remembered?: SagaRow) => {
  const store = new OneRow(stored);
  const memory = new SagaMemory();
  if (remembered !== undefined) memory.remember(remembered);
  const said: string[] = [];
  const logger = {
    log: (_level: string, message: string, _fields?: LogFields) => said.push(message),
  };
  return {
    store,
    memory,
    said,
    mover: new Mover({ store, memory, logger, context: () => context }),
  };
};

const moveOn = async (row: SagaRow, step: Step): Promise<SagaRow> => {
  const [moved] = await setUp(row).mover.run([step]);
  return (moved as Moved).row;
};

describe('moving a saga on', () => {
  test('takes one statement when the row is as remembered', async () => {
    const { mover, store } = setUp(fresh, fresh);
    const [moved] = await mover.run([yes()]);
    expect(store.calls).toEqual(['advance']);
    expect(movedOf(moved)?.row.status).toBe('charging');
    expect(store.row).toBe(movedOf(moved)?.row);
  });

  test('is decided again under lock when the row has moved on elsewhere', async () => {
    const elsewhere = await moveOn(fresh, yes());
    const { mover, store, memory } = setUp(elsewhere, fresh);
    const [moved] = await mover.run([no()]);
    expect(store.calls).toEqual(['advance', 'lock']);
    expect(movedOf(moved)?.log).toEqual([]);
    expect(store.row.status).toBe('charging');
    expect(memory.get(orderId)).toBeUndefined();
  });

  test('never trusts memory that an event is not awaited', async () => {
    const ahead = await moveOn(fresh, yes());
    const { mover, store } = setUp(fresh, ahead);
    const [moved] = await mover.run([yes()]);
    expect(store.calls).toEqual(['lock']);
    expect(movedOf(moved)?.row.status).toBe('charging');
  });

  test('reads the row when nothing is remembered, and remembers it then', async () => {
    const { mover, store, memory } = setUp(fresh);
    await mover.run([yes()]);
    expect(store.calls).toEqual(['lock']);
    expect(memory.get(orderId)?.status).toBe('charging');
  });

  test('lets go of a timer that was taken before the saga moved on', async () => {
    const late = { kind: 'timer', attempt: 3, ageMs: 3_600_000 } as const;
    const timer = { ...yes(), event: late, messageId: null, atSeq: fresh.log_seq };
    const elsewhere = await moveOn(fresh, yes());
    for (const remembered of [undefined, elsewhere]) {
      const { mover, store } = setUp(elsewhere, remembered);
      expect(await mover.run([timer])).toMatchObject([{ log: [], messages: [] }]);
      expect(store.row).toBe(elsewhere);
    }
    const { mover, store } = setUp(fresh);
    await mover.run([timer]);
    expect(store.row.status).toBe('releasing');
  });

  test('lets several replies of one batch build on each other', async () => {
    const { mover, store } = setUp(fresh, fresh);
    const [first, second] = await mover.run([yes(), yes()]);
    expect(movedOf(first)?.log).toHaveLength(1);
    expect(movedOf(second)?.log).toEqual([]);
    expect(store.row.log_seq).toBe(fresh.log_seq + 1);
  });
});

test('the memory of a saga ends when another mediator moved it on, and when it is closed', () => {
  const memory = new SagaMemory();
  memory.remember(fresh);
  const entry: Omit<JournalEntry, 'seq'> = {
    orderId,
    customerId: 'alice',
    open: true,
    at: 1,
    event: 'reserved',
    status: 'charging',
    issued: [],
  };
  memory.heed({ ...entry, seq: fresh.log_seq });
  expect(memory.get(orderId)).toBe(fresh);
  memory.heed({ ...entry, seq: fresh.log_seq + 1 });
  expect(memory.get(orderId)).toBeUndefined();
  memory.remember({ ...fresh, pending: [] });
  expect(memory.get(orderId)).toBeUndefined();
});
