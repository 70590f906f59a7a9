/** Where a fault can sit: `service.message@point`, by the messages that each part handles for an order. */
import { recordOrder, orderRecorded } from '../../contracts/customer.ts';
import { POINTS, type Point } from '../../contracts/faults.ts';
import * as inventory from '../../contracts/inventory.ts';
import type { Contract } from '../../contracts/message.ts';
import { notified, orderConfirmed, orderRejected } from '../../contracts/notification.ts';
import { retryLater } from '../../contracts/participant.ts';
import * as payment from '../../contracts/payment.ts';
import { suggest } from '../../kernel/suggestion.ts';

/** A message as one part handles it, at one point of its life; `*` stands for all. */
export interface Target {
  readonly service: string;
  /** Contract name, e.g. `payment.charge`, or `*`. */
  readonly message: string;
  readonly point: Point;
}

const HANDLED: Readonly<Record<string, readonly Contract[]>> = {
  inventory: [inventory.reserve, inventory.commit, inventory.release],
  payment: [payment.charge, payment.voidCharge, payment.refund],
  customer: [recordOrder],
  notification: [orderConfirmed, orderRejected],
  mediator: [
    inventory.reserved,
    inventory.refused,
    inventory.committed,
    inventory.released,
    payment.charged,
    payment.declined,
    payment.voided,
    payment.refunded,
    orderRecorded,
    notified,
    retryLater,
  ],
};

/** Messages that a part can answer with a no. */
const DECLINABLE: readonly string[] = [inventory.reserve.name, payment.charge.name];

/** Can the message at this place be declined? */
export function canDecline({ message }: Target): boolean {
  return DECLINABLE.includes(message);
}

/** Points at which this version can do something. */
const BUILT_POINTS: readonly Point[] = ['handle'];

const wordOf = (message: string): string => message.slice(message.indexOf('.') + 1);

/** How a handled message is written in a scenario: `payment.charge`, `mediator.charged`. */
export function writtenMessage(service: string, message: string): string {
  return `${service}.${wordOf(message)}`;
}

function* enumerate(): Generator<readonly [string, Target]> {
  for (const point of BUILT_POINTS) {
    for (const [service, contracts] of Object.entries(HANDLED)) {
      for (const { name } of contracts) {
        yield [`${writtenMessage(service, name)}@${point}`, { service, message: name, point }];
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
  return `the point "${point}" is not supported by this version, only ${BUILT_POINTS.join(', ')}`;
}

function explainForm(text: string): string {
  if (/^t\+|#\d+$/.test(text)) {
    return `"${text}" is not supported by this version, only service.message@point`;
  }
  return told(`"${text}" is not a place such as payment.charge@handle`, text, [...PLACES.keys()]);
}

function told(problem: string, word: string, known: readonly string[]): string {
  const hint = suggest(word, known);
  return hint === undefined ? problem : `${problem}. ${hint}`;
}
