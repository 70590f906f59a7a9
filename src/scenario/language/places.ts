/** Where a fault can sit: `service.message@point`, `event#n` or `t+5s`. */
import { z } from 'zod';

import * as customer from '../../contracts/customer.ts';
import { POINTS, pointsOf, type Point } from '../../contracts/faults.ts';
import * as inventory from '../../contracts/inventory.ts';
import type { Contract } from '../../contracts/message.ts';
import { records } from '../../contracts/logs.ts';
import * as notification from '../../contracts/notification.ts';
import { ORDER_EVENTS, type OrderEvent } from '../../contracts/orders.ts';
import { retryLater } from '../../contracts/participant.ts';
import * as payment from '../../contracts/payment.ts';
import { parseDuration } from '../../kernel/durations.ts';
import { suggest } from '../../kernel/suggestion.ts';

/** A message as one part handles it, at one point of its life; `*` stands for all. */
export interface Target {
  readonly service: string;
  /** Contract name, e.g. `payment.charge`, or `*`. */
  readonly message: string;
  readonly point: Point;
}

/** Where a fault strikes. */
export type Place =
  | { readonly kind: 'point'; readonly target: Target }
  /** When the orders of the run have had this event so many times. */
  | { readonly kind: 'event'; readonly event: OrderEvent; readonly count: number }
  /** So long after the first step began. */
  | { readonly kind: 'time'; readonly afterMs: number };

/** An order that comes over HTTP passes the mediator's points under this name. */
const ORDER_PLACE = 'order.place';

const HANDLED: Readonly<Record<string, ReadonlyArray<Pick<Contract, 'name'>>>> = {
  inventory: [inventory.reserve, inventory.commit, inventory.release],
  payment: [payment.charge, payment.voidCharge, payment.refund],
  customer: [customer.recordOrder, customer.cancelOrder],
  notification: [
    notification.orderConfirmed,
    notification.orderRejected,
    notification.orderCancelled,
    notification.orderShipped,
  ],
  logging: [records],
  mediator: [
    { name: ORDER_PLACE },
    inventory.reserved,
    inventory.refused,
    inventory.committed,
    inventory.released,
    payment.charged,
    payment.declined,
    payment.voided,
    payment.refunded,
    customer.orderRecorded,
    customer.orderCancelled,
    notification.notified,
    retryLater,
  ],
};

/** The parts that handle a message, by its contract name; none for what is no part of an order's life. */
export function handlersOf(message: string): string[] {
  return Object.entries(HANDLED)
    .filter(([, contracts]) => contracts.some(({ name }) => name === message))
    .map(([service]) => service);
}

/** Messages that a part can answer with a no. */
const DECLINABLE: readonly string[] = [inventory.reserve.name, payment.charge.name];

/** Can the message at this place be declined? */
export function canDecline({ message }: Target): boolean {
  return DECLINABLE.includes(message);
}

const wordOf = (message: string): string => message.slice(message.indexOf('.') + 1);

/** How a handled message is written in a scenario: `payment.charge`, `mediator.charged`. */
export function writtenMessage(service: string, message: string): string {
  return `${service}.${wordOf(message)}`;
}

function* enumerate(): Generator<readonly [string, Target]> {
  for (const point of POINTS) {
    for (const [service, contracts] of Object.entries(HANDLED)) {
      for (const { name: message } of contracts) {
        if (!pointsOf(message).includes(point)) continue;
        yield [`${writtenMessage(service, message)}@${point}`, { service, message, point }];
      }
      yield [`${service}.*@${point}`, { service, message: '*', point }];
    }
    yield [`*.*@${point}`, { service: '*', message: '*', point }];
  }
}

/** Every place that can be written, and what it stands for. */
export const PLACES: ReadonlyMap<string, Target> = new Map(enumerate());

/** What is wrong with a written place, as specific as can be told. */
export function explainPlace(text: string): string {
  const match = /^([^.@]+)\.([^@]+)@(.+)$/.exec(text);
  if (match === null) return explainForm(text);
  const [, service = '', message = '', point = ''] = match;
  const contracts = HANDLED[service];
  if (contracts === undefined && service !== '*') {
    return told(`"${service}" is no part that handles messages`, service, Object.keys(HANDLED));
  }
  const words = contracts?.map(({ name }) => wordOf(name)) ?? [];
  if (message !== '*' && !words.includes(message)) {
    return told(`${service} handles no message "${message}"`, message, words);
  }
  if (!POINTS.some((each) => each === point)) {
    return told(`"${point}" is no point of a message's life`, point, POINTS);
  }
  const name = contracts?.find((each) => wordOf(each.name) === message)?.name ?? message;
  return `${service}.${message} does not pass "${point}", only ${pointsOf(name).join(', ')}`;
}

function explainForm(text: string): string {
  if (text.startsWith('t+')) return `"${text}" is not a time such as t+5s`;
  const [event = '', count] = text.split('#');
  if (count !== undefined) {
    const known = ORDER_EVENTS.map(eventWord);
    return known.includes(event)
      ? `"${text}" needs a number from 1, such as ${event}#3`
      : told(`"${event}" is no event of an order`, event, known);
  }
  return told(`"${text}" is not a place such as payment.charge@handle`, text, [...PLACES.keys()]);
}

function told(problem: string, word: string, known: readonly string[]): string {
  const hint = suggest(word, known);
  return hint === undefined ? problem : `${problem}. ${hint}`;
}

const EVENT = new RegExp(`^order\\.(${ORDER_EVENTS.join('|')})#([1-9]\\d{0,5})$`);
const TIME = /^t\+(\d+(?:\.\d+)?\s*(?:ms|s|m))$/;

function eventWord(event: OrderEvent): string {
  return `order.${event}`;
}

/** The place that a text means; undefined when it means none. */
export function placeOf(text: string): Place | undefined {
  const target = PLACES.get(text);
  if (target !== undefined) return { kind: 'point', target };
  const [, event, count] = EVENT.exec(text) ?? [];
  if (event !== undefined) {
    return { kind: 'event', event: event as OrderEvent, count: Number(count) };
  }
  const [, after] = TIME.exec(text) ?? [];
  return after === undefined ? undefined : { kind: 'time', afterMs: parseDuration(after) };
}

/** `at:` of a fault; what editors know of it is the list of all points, and the two other forms. */
export const At = z
  .string()
  .refine((text) => placeOf(text) !== undefined, {
    error: ({ input }) => (typeof input === 'string' ? explainPlace(input) : undefined),
  })
  .describe(
    'service.message@point (`*` stands for all services or messages), order.event#n, or t+5s.',
  )
  .meta({
    anyOf: [{ enum: [...PLACES.keys()] }, { pattern: EVENT.source }, { pattern: TIME.source }],
  });
