/** Rows as this mediator wrote them last: a guess that saves reading them, checked by every write. */
import type { JournalEntry } from '../contracts/orders.ts';
import type { SagaRow } from './saga-row.ts';

/** Open sagas remembered at most; the oldest go first. */
const CAPACITY = 20_000;

export class SagaMemory {
  readonly #rows = new Map<string, SagaRow>();

  get(id: string): SagaRow | undefined {
    return this.#rows.get(id);
  }

  /** A saga that is closed, or rests, is not worth remembering: no reply will come for it. */
  remember(row: SagaRow): void {
    this.#rows.delete(row.id);
    if (row.pending.length > 0) this.#rows.set(row.id, row);
    const [oldest] = this.#rows.keys();
    if (this.#rows.size > CAPACITY && oldest !== undefined) this.#rows.delete(oldest);
  }

  forget(id: string): void {
    this.#rows.delete(id);
  }

  /** Another mediator moved the saga on: what is remembered here is over. */
  heed({ orderId, seq }: JournalEntry): void {
    const row = this.#rows.get(orderId);
    if (row !== undefined && row.log_seq < seq) this.#rows.delete(orderId);
  }
}
