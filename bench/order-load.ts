/** A closed loop of customers: each places its next order when the last one is confirmed. */
import { liveClock, liveIds } from '../src/kernel/live.ts';
import { percentile } from './percentile.ts';

export interface OrderFigures {
  readonly perSecond: number;
  /** Median and 99th percentile. */
  readonly pivotMs: readonly [number, number];
  readonly confirmedMs: readonly [number, number];
}

export interface OrderLoad {
  readonly count: number;
  readonly parallel: number;
  /** Ordered one after another; each must have copies enough. */
  readonly books: readonly number[];
}

export async function measureOrders(
  url: string,
  { count, parallel, books }: OrderLoad,
): Promise<OrderFigures> {
  const events = await ConfirmedEvents.open(url);
  const pivots: number[] = [];
  const confirmed: number[] = [];
  let placed = 0;
  const customer = async (): Promise<void> => {
    while (placed < count) {
      const bookId = books[placed++ % books.length] ?? 1;
      const started = liveClock.elapsed();
      const id = await place(url, bookId);
      pivots.push(liveClock.elapsed() - started);
      await events.confirmed(id);
      confirmed.push(liveClock.elapsed() - started);
    }
  };
  const began = liveClock.elapsed();
  await Promise.all(Array.from({ length: parallel }, customer));
  const seconds = (liveClock.elapsed() - began) / 1_000;
  events.close();
  return {
    perSecond: confirmed.length / seconds,
    pivotMs: [percentile(pivots, 50), percentile(pivots, 99)],
    confirmedMs: [percentile(confirmed, 50), percentile(confirmed, 99)],
  };
}

async function place(url: string, bookId: number): Promise<string> {
  const key = liveIds.uuid();
  let response = await ask(url, bookId, key);
  // Full, or closed for a moment: the same request under the same key once more.
  for (; response.status === 503; response = await ask(url, bookId, key)) {
    const { error } = (await response.json()) as { error: { retryable: boolean; message: string } };
    if (!error.retryable) throw new Error(error.message);
    await liveClock.sleep(Number(response.headers.get('retry-after') ?? 1) * 1_000);
  }
  const body = (await response.json()) as { id: string; status: string };
  if (response.status !== 201) throw new Error(`order refused: ${JSON.stringify(body)}`);
  if (body.status === 'rejected')
    throw new Error('rejected: the shelves are too small for this load');
  return body.id;
}

function ask(url: string, bookId: number, key: string): Promise<Response> {
  return fetch(`${url}/orders`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({
      customerId: 'alice',
      lines: [{ bookId, quantity: 1 }],
      payment: { kind: 'visa', token: 'tok_visa' },
    }),
  });
}

/** The shop's live events, read once for all customers. */
class ConfirmedEvents {
  readonly #abort = new AbortController();
  readonly #seen = new Set<string>();
  readonly #waiting = new Map<string, () => void>();

  static async open(url: string): Promise<ConfirmedEvents> {
    const events = new ConfirmedEvents();
    const response = await fetch(`${url}/events`, { signal: events.#abort.signal });
    if (response.body === null) throw new Error('no events');
    void events.#read(response.body).catch(() => undefined);
    return events;
  }

  confirmed(id: string): Promise<void> {
    if (this.#seen.delete(id)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.includes('"event":"confirmed"')) this.#confirm(line);
    }
  }

  #confirm(line: string): void {
    const { orderId } = JSON.parse(line.slice('data: '.length)) as { orderId: string };
    const wake = this.#waiting.get(orderId);
    this.#waiting.delete(orderId);
    if (wake === undefined) this.#seen.add(orderId);
    else wake();
  }
}
