/** Judges what a scenario expects of messages, parts and queues. Pure. */
import type { MessageCount } from '../language/expectations.ts';
import { formatAmount, meets, type Amount } from '../language/values.ts';
import { examplesOf, listNames, type Finding } from './check.ts';
import {
  acceptedOrders,
  type LostMessage,
  type MessageTally,
  type Observations,
} from './observations.ts';

const COUNTED: Readonly<Record<MessageCount, (tally: MessageTally) => number>> = {
  redelivered: ({ redelivered }) => redelivered,
  'dead-lettered': ({ deadLettered }) => deadLettered,
  lost: ({ lost }) => lost.length,
  'duplicates-ignored': ({ duplicatesIgnored }) => duplicatesIgnored,
  unroutable: ({ unroutable }) => unroutable,
};

/** What is told where no part recorded the run: it was started without that, or writes elsewhere. */
export const NOTHING_WRITTEN = 'no part wrote down what its messages did';

/** Where no part wrote anything down, nothing is proven: not met, whatever was expected. */
export function judgeMessages(
  { count, amount }: { readonly count: MessageCount; readonly amount: Amount },
  seen: Observations,
): Finding {
  const { messages } = seen;
  const finding = { name: `messages.${count}`, expected: formatAmount(amount) };
  if (messages.recorded === 0) {
    return { ...finding, isMet: false, isVague: true, found: NOTHING_WRITTEN, orders: [] };
  }
  const counted = COUNTED[count](messages);
  const lost = count === 'lost' ? messages.lost : [];
  const names = lost.length === 0 ? '' : `: ${listNames(lost.map(describeLost))}`;
  const concerned = lost.flatMap(({ order }) => order ?? []);
  const others = acceptedOrders(seen).map(({ name }) => name);
  return {
    ...finding,
    isMet: meets(counted, amount),
    found: `${counted}${names}`,
    // What did not come is missed somewhere in the trail of any order.
    orders: examplesOf([...new Set(concerned.length > 0 ? concerned : others)]),
  };
}

/** `payment.charge of o1 (0190…:charge:do)`. */
export function describeLost({ message, messageId, order }: LostMessage): string {
  return `${message}${order === undefined ? '' : ` of ${order}`} (${messageId})`;
}

export function judgeServices({ troubles }: Observations): Finding {
  return {
    name: 'services',
    isMet: troubles?.length === 0,
    expected: 'up',
    found: troubles === undefined ? NOT_SEEN : listNames(troubles) || 'up',
    orders: [],
  };
}

export function judgeQueues({ waiting }: Observations): Finding {
  const queues = Object.entries(waiting ?? {}).filter(([, messages]) => messages > 0);
  const found = queues.map(([name, messages]) => `${messages} in ${name}`);
  return {
    name: 'queues',
    isMet: waiting !== undefined && queues.length === 0,
    expected: 'empty',
    found: waiting === undefined ? NOT_SEEN : listNames(found) || 'empty',
    orders: [],
  };
}

const NOT_SEEN = 'was not looked at';
