/** Invariants of mails: the customer hears of every milestone, and hears of it once. Pure. */
import type { Mail } from '../../contracts/notification.ts';
import type { OrderDetail, OrderEvent } from '../../contracts/orders.ts';
import type { Plan } from '../plan.ts';
import type { Breach } from './breach.ts';
import { acceptedOrders, type Observations } from './observations.ts';

/** The letter that each milestone of an order is told with. */
const LETTERS: Partial<Readonly<Record<OrderEvent, string>>> = {
  confirmed: 'invoice',
  rejected: 'rejection',
  cancelled: 'cancellation',
  shipped: 'shipping',
};

/** At least one mail for each milestone. */
export function untold(_plan: Plan, seen: Observations): Breach[] {
  return acceptedOrders(seen).flatMap(({ name, detail }) => {
    const sent = lettersOf(seen, detail);
    return dueLetters(detail)
      .filter((letter) => !sent.includes(letter))
      .map((letter) => ({
        order: name,
        problem: `${name} is ${detail.status}, no ${letter} mail`,
      }));
  });
}

/**
 * At most one mail for each milestone, none for one that the order did not reach. Sending and committing cannot be
 * one step: each time that notification was disturbed, one mail may have gone out once more.
 */
export function mailedTwice(_plan: Plan, seen: Observations): Breach[] {
  let allowed = disturbances(seen, 'notification');
  return acceptedOrders(seen).flatMap(({ name, detail }) => {
    const due = reachedLetters(detail);
    const sent = lettersOf(seen, detail);
    return [...new Set(sent)].flatMap((letter): Breach[] => {
      const times = sent.filter((each) => each === letter).length;
      // An order that rests may be shipped between two looks at it.
      if (letter === LETTERS.shipped && detail.shipsAt !== undefined) return [];
      if (!due.includes(letter)) {
        return [{ order: name, problem: `${name} got a ${letter} mail, but is ${detail.status}` }];
      }
      const repeats = times - 1;
      const excused = Math.min(allowed, repeats);
      allowed -= excused;
      if (repeats === excused) return [];
      return [{ order: name, problem: `${name} got ${times} ${letter} mails` }];
    });
  });
}

/** How often any instance of a part was disturbed on purpose. */
function disturbances({ disturbed }: Observations, part: string): number {
  return Object.entries(disturbed)
    .filter(([name]) => name === part || name.startsWith(`${part}-`))
    .reduce((sum, [, times]) => sum + times, 0);
}

function lettersOf(seen: Observations, { id }: OrderDetail): string[] {
  return seen.mails
    .filter(({ orderId }) => orderId === id)
    .flatMap((mail) => Array.from({ length: timesSent(mail) }, () => mail.template));
}

/** With its repeats. */
export function timesSent({ repeats = 0 }: Pick<Mail, 'repeats'>): number {
  return 1 + repeats;
}

function reachedLetters({ timeline }: OrderDetail): string[] {
  return timeline.flatMap(({ event }) => LETTERS[event] ?? []);
}

/** An order that is taken back in the moment of its confirmation does not wait for that mail. */
function dueLetters(detail: OrderDetail): string[] {
  const reached = reachedLetters(detail);
  return detail.status === 'cancelled' ? reached.slice(-1) : reached;
}
