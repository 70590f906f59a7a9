/** What each instance says of itself, beside what a canary says of its whole service. */
import { SERVICES } from '../messaging/topology.ts';
import { serviceOf } from './instances.ts';
import type { Readiness } from './readiness.ts';
import type { PartHealth, Trouble } from './stack-status.ts';

export type Pulses = Readonly<Record<string, PartHealth>>;

/** A question that nobody answered; of a canary the mediator says the same. */
export const LOST = 'no answer in time';

/** Of a part whose messages the broker keeps. */
const UNHEARD = 'cannot be asked without the broker';

/** What a part says of itself while it has no connection to the broker. */
export const UNCONNECTED = 'not connected to the broker';

/**
 * A canary goes to whichever instance takes it, so it proves nothing of the others: the pulse of each does.
 * And where it got lost, the one without a pulse had it, not its siblings.
 */
export function withPulses(readiness: Readiness, pulses: Pulses): Readiness {
  const health: Record<string, PartHealth> = { ...readiness.health };
  const isSick = (name: string): boolean => pulses[name]?.ok === false;
  const sick = Object.keys(pulses).filter(isSick);
  const services = new Set(sick.map(serviceOf));
  for (const [name, pulse] of Object.entries(pulses)) {
    const isSibling = services.has(serviceOf(name)) && health[name]?.detail === LOST;
    if (!pulse.ok || isSibling || health[name] === undefined) health[name] = pulse;
  }
  const isLost = ({ name, detail }: Trouble): boolean => services.has(name) && detail === LOST;
  const others = readiness.troubles.filter((each) => !isSick(each.name) && !isLost(each));
  const own = sick.map((name) => ({ name, detail: pulses[name]?.detail ?? LOST }));
  const troubles = rootsOf([...others, ...own], pulses);
  const broker = troubles.find(({ name }) => name === 'broker');
  return { health: broker === undefined ? health : cutOff({ health, pulses }, broker), troubles };
}

interface CutOff {
  readonly health: Readiness['health'];
  readonly pulses: Pulses;
}

/** What lives and was not heard is not blamed for it. */
function cutOff({ health, pulses }: CutOff, broker: Trouble): Readiness['health'] {
  const unheard = Object.entries(health)
    .filter(
      ([name, { detail }]) =>
        isService(serviceOf(name)) && detail === LOST && pulses[name]?.ok !== false,
    )
    .map(([name]) => [name, { ok: false, detail: UNHEARD }] as const);
  return {
    ...health,
    ...Object.fromEntries(unheard),
    broker: { ok: false, detail: broker.detail },
  };
}

/** Without the broker nobody is heard: then it is the trouble, and the silence of the others is not. */
function rootsOf(troubles: readonly Trouble[], pulses: Pulses): readonly Trouble[] {
  const broker =
    troubles.find(({ name }) => name === 'broker') ?? findStuckBroker(troubles, pulses);
  if (broker === undefined) return troubles;
  const isConsequence = ({ name, detail }: Trouble): boolean =>
    name === 'broker' ||
    detail === UNCONNECTED ||
    (isService(name) && detail === LOST && pulses[name]?.ok !== false);
  return [broker, ...troubles.filter((each) => !isConsequence(each))];
}

/** Every service lives, and yet not one canary came back: it is the broker that keeps them. */
function findStuckBroker(troubles: readonly Trouble[], pulses: Pulses): Trouble | undefined {
  const services = new Set(Object.keys(pulses).map(serviceOf).filter(isService));
  const isLost = (service: string): boolean =>
    pulses[service]?.ok !== false &&
    troubles.some(({ name, detail }) => name === service && detail === LOST);
  if (services.size < 2 || ![...services].every(isLost)) return undefined;
  return { name: 'broker', detail: 'no message comes through' };
}

function isService(name: string): boolean {
  return SERVICES.some((service) => service === name);
}

/** All of it as one line; undefined when nothing is wrong. */
export function describeTroubles(troubles: readonly Trouble[]): string | undefined {
  if (troubles.length === 0) return undefined;
  return troubles.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
}
