/** Follows one order: live while the connection holds, by asking again when it does not. */
import { JournalEntry, OrderDetail } from '../contracts/orders.ts';
import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import { eventsOf } from '../mediator/client/event-stream.ts';
import type { Http } from '../mediator/client/http.ts';

export interface FollowOptions {
  readonly http: Http;
  readonly clock: Clock;
  readonly orderId: string;
  /** Ends the sequence without an error. */
  readonly signal: AbortSignal;
}

/** Between two tries after a lost connection. */
const PAUSE_MS = 250;
/** Then the order itself is asked: a mediator that hangs says no more, and another one may know. */
const STREAM_MS = 5_000;

/** Each entry once, in order, from the beginning of the order until it is closed. */
export async function* followOrder(options: FollowOptions): AsyncIterable<JournalEntry> {
  let lastSeq = 0;
  for await (const entry of received(options)) {
    if (entry.seq <= lastSeq) continue;
    lastSeq = entry.seq;
    yield entry;
  }
}

/** Entries as they arrive: repeated after every lost connection. */
async function* received(options: FollowOptions): AsyncIterable<JournalEntry> {
  const { clock, signal } = options;
  while (!signal.aborted) {
    yield* live(options);
    const order = await ask(options);
    if (order !== undefined) yield* journalOf(order);
    if (order?.open === false) return;
    await clock.sleep(PAUSE_MS, signal);
  }
}

/** The event stream; it ends when the order is closed, and also when the connection breaks. */
async function* live({ http, orderId, signal }: FollowOptions): AsyncIterable<JournalEntry> {
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(STREAM_MS)]);
    const body = await http.stream(`/orders/${orderId}/events`, until);
    for await (const data of eventsOf(body)) yield JournalEntry.parse(JSON.parse(data));
  } catch {
    // The order itself tells what the stream did not, and what is wrong for good.
  }
}

async function ask({ http, orderId, signal }: FollowOptions): Promise<OrderDetail | undefined> {
  try {
    return await http.exchange({ path: `/orders/${orderId}`, answer: OrderDetail });
  } catch (error) {
    if (signal.aborted) return undefined;
    if (error instanceof UserError && error.retryable) return undefined;
    throw error;
  }
}

function journalOf(order: OrderDetail): readonly JournalEntry[] {
  const { id: orderId, customerId, open } = order;
  return order.timeline.map((entry) => ({ ...entry, orderId, customerId, open }));
}
