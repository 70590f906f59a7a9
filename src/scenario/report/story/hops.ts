/** From what parts wrote down to messages on their way: each sending is paired with its arrival. */
import { ORDER_PLACE_MESSAGE, receiverOf } from './receivers.ts';
import type { LineOf } from '../../recording/recording.ts';
import type { PassageLine } from '../../recording/lines.ts';
import { groupBy } from '../group-by.ts';
import { BUYER, OUTSIDE, type Fate, type Hop } from './story.ts';

type Sent = Extract<PassageLine, { readonly what: 'sent' }>;
type Point = Extract<PassageLine, { readonly what: 'point' }>;

/** The messages of one order; `passages` in order of time. */
export function hopsOf(passages: readonly PassageLine[]): Hop[] {
  const sent = groupBy(
    passages.filter((line): line is Sent => line.what === 'sent'),
    (line) => line.sentId,
  );
  const arrived = groupBy(
    passages.filter((line): line is Point => line.what === 'point' && isArrival(line)),
    (line) => line.messageId,
  );
  const swallowed = swallowedIn(passages);
  const ids = new Set([...sent.keys(), ...arrived.keys()]);
  return [...ids].flatMap((id) =>
    pair({ sent: sent.get(id) ?? [], arrived: arrived.get(id) ?? [], swallowed }),
  );
}

/** An order that comes over HTTP is delivered by nobody: it is there when it is handled. */
function isArrival({ message, point }: Point): boolean {
  return point === (message === ORDER_PLACE_MESSAGE ? 'handle' : 'deliver');
}

interface Life {
  /** All with one message id, in order of time. */
  readonly sent: readonly Sent[];
  readonly arrived: readonly Point[];
  /** Arrivals that a fault took away, by `keyOf`. */
  readonly swallowed: ReadonlySet<string>;
}

function pair({ sent, arrived, swallowed }: Life): Hop[] {
  const left = new Set(sent);
  const hops: Hop[] = [];
  const receivers = groupBy(arrived, (line) => line.service);
  for (const arrivals of receivers.values()) {
    let next = 0;
    for (const arrival of arrivals) {
      const isAgain = arrival.redelivered === true && next > 0;
      const source = isAgain ? sent[next - 1] : (sent[next] ?? sent.at(-1));
      const isCopy = !isAgain && sent[next] === undefined && next > 0;
      if (!isAgain) next++;
      if (source !== undefined) left.delete(source);
      hops.push(
        arrivedHop({ arrival, source, isCopy, isSwallowed: swallowed.has(keyOf(arrival)) }),
      );
    }
  }
  for (const line of left) if (isTold(line)) hops.push(lostHop(line));
  return hops;
}

interface Arrival {
  readonly arrival: Point;
  readonly source: Sent | undefined;
  readonly isCopy: boolean;
  readonly isSwallowed: boolean;
}

function arrivedHop({ arrival, source, isCopy, isSwallowed }: Arrival): Hop {
  const again =
    arrival.redelivered === true
      ? ('redelivered' as const)
      : isCopy
        ? ('copy' as const)
        : undefined;
  const { attempt } = arrival;
  const message = arrival.message === '' ? (source?.sent ?? 'unreadable') : arrival.message;
  return {
    kind: 'hop',
    message,
    from: source?.service ?? (message === ORDER_PLACE_MESSAGE ? BUYER : OUTSIDE),
    to: arrival.service,
    // A confirm may come after the message has arrived: it was sent before in any case.
    sentAtMs: Math.min(source?.atMs ?? arrival.atMs, arrival.atMs),
    arrivedAtMs: arrival.atMs,
    fate: isSwallowed ? 'swallowed' : 'arrived',
    ...(again !== undefined && { again }),
    ...(attempt !== undefined && attempt > 1 && { attempt }),
  };
}

const FATES: Readonly<Record<Sent['outcome'], Fate>> = {
  confirmed: 'unseen',
  refused: 'refused',
  unknown: 'refused',
  unroutable: 'unroutable',
  dropped: 'dropped',
};

function lostHop(line: Sent): Hop {
  return {
    kind: 'hop',
    message: line.sent,
    from: line.service,
    to: receiverOf(line.sent, line.service),
    sentAtMs: line.atMs,
    fate: FATES[line.outcome],
  };
}

/** News for live views go to whoever listens: that nobody did is no news. */
function isTold({ durable, outcome }: Sent): boolean {
  return durable || outcome === 'dropped';
}

function keyOf({ service, messageId, atMs }: PassageLine): string {
  return `${service} ${messageId} ${atMs}`;
}

/** Deliveries that a fault let vanish: the last one before the fault in the same part. */
function swallowedIn(passages: readonly PassageLine[]): Set<string> {
  const swallowed = new Set<string>();
  for (const [index, line] of passages.entries()) {
    if (line.what !== 'fault' || line.point !== 'deliver' || line.action.verb !== 'drop') continue;
    const arrival = passages
      .slice(0, index + 1)
      .findLast((each) => isDeliveryOf(each, line.service, line.messageId));
    if (arrival !== undefined) swallowed.add(keyOf(arrival));
  }
  return swallowed;
}

function isDeliveryOf(line: PassageLine, service: string, messageId: string): boolean {
  const isDelivery = line.what === 'point' && line.point === 'deliver';
  return isDelivery && line.service === service && line.messageId === messageId;
}

/** How a customer's click came out: the way there is a passage of the mediator, the way back is not. */
export function answersOf(placed: ReadonlyArray<LineOf<'placed'>>): Hop[] {
  return placed.map(({ atMs, tookMs, refusal }) => ({
    kind: 'hop',
    message: refusal === undefined ? 'answer' : `refused: ${refusal}`,
    from: 'mediator',
    to: BUYER,
    sentAtMs: atMs + tookMs,
    arrivedAtMs: atMs + tookMs,
    fate: 'arrived',
  }));
}
