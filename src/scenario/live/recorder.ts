/** The recording of a live run: its lines in memory for the judge, and in a file for afterwards. */
import { tally } from '../recording/tally.ts';
import type { MessageTally, SeenBook, SeenPayment } from '../judge/observations.ts';
import type { Line, PassageLine, RunLine } from '../recording/lines.ts';

/** Where the lines go besides. */
export interface LineSink {
  write(line: Line): void;
}

export class LiveRecorder {
  readonly #sink: LineSink;
  readonly #lines: Line[] = [];
  readonly #passages: PassageLine[] = [];
  #counted: { readonly length: number; readonly tally: MessageTally } | undefined;
  #stock = '';
  #money = '';

  constructor(sink: LineSink, first: RunLine) {
    this.#sink = sink;
    this.add(first);
  }

  /** Everything so far. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  get passages(): readonly PassageLine[] {
    return this.#passages;
  }

  add(line: Line): void {
    this.#lines.push(line);
    if (line.kind === 'passage') this.#passages.push(line);
    this.#sink.write(line);
  }

  /** What became of the messages so far; counted anew only when there are more. */
  tally(): MessageTally {
    const { length } = this.#passages;
    if (this.#counted?.length !== length) {
      this.#counted = { length, tally: tally(this.#passages) };
    }
    return this.#counted.tally;
  }

  /** How often a fault hit a message, by its id on the stack. */
  countFired(faultId: string): number {
    return this.#passages.filter((line) => line.what === 'fault' && line.faultId === faultId)
      .length;
  }

  /** How often each part was taken away. */
  disturbed(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const line of this.#lines) {
      const part = disturbedBy(line);
      if (part !== undefined) counts[part] = (counts[part] ?? 0) + 1;
    }
    return counts;
  }

  /** Kept when it is news. */
  addStock(atMs: number, books: readonly SeenBook[]): void {
    const text = JSON.stringify(books);
    if (text === this.#stock) return;
    this.#stock = text;
    this.add({ kind: 'stock', atMs, books });
  }

  /** Kept when it is news. */
  addMoney(atMs: number, payments: readonly SeenPayment[]): void {
    const capturedCents = payments.reduce((sum, each) => sum + each.capturedCents, 0);
    const refundedCents = payments.reduce((sum, each) => sum + each.refundedCents, 0);
    const text = `${capturedCents}/${refundedCents}`;
    if (text === this.#money) return;
    this.#money = text;
    this.add({ kind: 'money', atMs, capturedCents, refundedCents });
  }
}

/** A handler that fails before its commit begins once more, like one whose process went. */
function disturbedBy(line: Line): string | undefined {
  if (line.kind === 'stack') return line.problem === undefined ? line.part : undefined;
  if (line.kind !== 'passage' || line.what !== 'fault') return undefined;
  return line.point === 'commit' && line.action.verb === 'error' ? line.service : undefined;
}
