/** Invariants of what is written down: messages arrive, sagas go legal ways, the log store has it all. Pure. */
import type { Plan } from '../plan.ts';
import type { Breach, Unproven } from './breach.ts';
import {
  acceptedOrders,
  type AcceptedOrder,
  type Observations,
  type SeenSaga,
} from './observations.ts';
import { describeLost, NOTHING_WRITTEN } from './stack-claims.ts';

/** Every message that the broker confirmed was consumed, or is among the dead letters. */
export function messagesLost(_plan: Plan, seen: Observations): Breach[] | Unproven | undefined {
  const { messages } = seen;
  if (messages.recorded === 0) {
    return acceptedOrders(seen).length === 0 ? undefined : { unproven: NOTHING_WRITTEN };
  }
  return messages.lost.map((lost) => ({
    problem: `${describeLost(lost)} is neither consumed nor a dead letter`,
    ...(lost.order !== undefined && { order: lost.order }),
  }));
}

/** Every log, decided once more, leads to what the database has. */
export function illegalTransitions(_plan: Plan, seen: Observations): Breach[] | undefined {
  return ofSagas(seen, (name, { difference }) => difference && `${name}: ${difference}`);
}

/** The log store has every entry of every saga log. */
export function unlogged(_plan: Plan, seen: Observations): Breach[] | undefined {
  return ofSagas(seen, (name, { entries, logged }) =>
    entries === logged
      ? undefined
      : `${name}: ${logged} of ${entries} entries are in the log store`,
  );
}

/** Undefined when sagas were not looked at. */
function ofSagas(
  seen: Observations,
  problemOf: (name: string, saga: SeenSaga) => string | undefined,
): Breach[] | undefined {
  if (seen.sagas === undefined) return undefined;
  const sagas = new Map(seen.sagas.map((saga) => [saga.orderId, saga]));
  return acceptedOrders(seen).flatMap(({ name, detail }: AcceptedOrder) => {
    const saga = sagas.get(detail.id);
    const problem = saga === undefined ? `the saga of ${name} is gone` : problemOf(name, saga);
    return problem === undefined ? [] : [{ order: name, problem }];
  });
}
