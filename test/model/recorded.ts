/** A saga's row and log as a mediator would keep them, moved on by hand. */
import { JournalEntry, OrderView } from '../../src/contracts/orders.ts';
import { namesOf } from '../../src/messaging/topology.ts';
import { viewOf, type LogEntry, type SagaRow } from '../../src/mediator/saga-row.ts';
import { begin, journalOf, move, type Moved } from '../../src/mediator/transition.ts';
import type { SagaEvent } from '../../src/saga/state.ts';
import { ORDER } from './world.ts';

const identity = {
  customer_id: 'alice',
  idempotency_key: 'k',
  body_hash: 'h',
  origin: 'm',
  traceparent: '00-0-0-01',
  run: null,
};

export class RecordedSaga {
  readonly log: LogEntry[] = [];
  row: SagaRow;
  /** Message ids, without the saga's, of what was sent since they were taken last. */
  #outbox: string[] = [];
  #now = 1_000_000;

  constructor() {
    this.row = this.#keep(begin(ORDER, identity, this.#context()));
  }

  tell(event: SagaEvent): void {
    this.#now += 10;
    this.row = this.#keep(move(this.row, event, { ...this.#context(), messageId: null }));
  }

  takeOutbox(): readonly string[] {
    const taken = this.#outbox;
    this.#outbox = [];
    return taken;
  }

  /** The log as PostgreSQL gives it back. */
  stored(): LogEntry[] {
    return JSON.parse(JSON.stringify(this.log)) as LogEntry[];
  }

  #context() {
    return { names: namesOf(''), now: this.#now };
  }

  /** What people see of it must fit its contracts, whatever happened. */
  #keep({ row, log, messages }: Moved): SagaRow {
    OrderView.parse(viewOf(row));
    for (const entry of journalOf({ row, log })) JournalEntry.parse(entry);
    this.log.push(...log);
    this.#outbox.push(...messages.map(({ id }) => id.slice(id.indexOf(':') + 1)));
    return row;
  }
}
