/** Several instances of one service: `mediator`, `mediator-2`, …; how they are counted, named and meant. */
import { UserError } from '../kernel/errors.ts';
import { suggest } from '../kernel/suggestion.ts';
import { SERVICES } from '../messaging/topology.ts';

/** What people can leave out, ask for, or run several of. */
export const APP_PARTS = [...SERVICES, 'mediator'] as const;

/** How many of each service; one where it says nothing. */
export type Scale = Readonly<Record<string, number>>;

/** More of one service on one machine only get in each other's way. */
export const MAX_INSTANCES = 8;

const NUMBERED = /^(.+)-(\d+)$/;

/** `mediator` for the first, `mediator-2` for the second. */
export function instanceName(service: string, number: number): string {
  return number === 1 ? service : `${service}-${number}`;
}

/** `mediator` for `mediator-2`. */
export function serviceOf(part: string): string {
  return NUMBERED.exec(part)?.[1] ?? part;
}

/** 2 for `mediator-2`, 1 for `mediator`. */
export function numberOf(part: string): number {
  return Number(NUMBERED.exec(part)?.[2] ?? 1);
}

/** All instances of these services, in their order. */
export function instancesOf(services: readonly string[], scale: Scale): readonly string[] {
  return services.flatMap((service) =>
    Array.from({ length: scale[service] ?? 1 }, (_, index) => instanceName(service, index + 1)),
  );
}

/** How many of each there are among these parts. */
export function scaleOf(parts: readonly string[]): Scale {
  const scale: Record<string, number> = {};
  for (const part of parts) scale[serviceOf(part)] = (scale[serviceOf(part)] ?? 0) + 1;
  return scale;
}

/**
 * The parts that are meant: all instances of a service by its bare name, one by its number (`mediator-1`
 * is the first).
 * @throws UserError `usage` when there is none.
 */
export function partsMeant(parts: readonly string[], name: string): readonly string[] {
  const exact = NUMBERED.exec(name);
  const wanted = exact === null ? name : instanceName(exact[1] ?? '', Number(exact[2]));
  const found = parts.filter(
    (part) => part === wanted || (exact === null && serviceOf(part) === name),
  );
  if (found.length > 0) return found;
  const hint = suggest(name, parts) ?? `It has: ${parts.join(', ')}.`;
  throw new UserError('usage', `The stack has no part "${name}".`, { hint });
}

/** What means this one instance and no sibling: `payment-1` for the first of several. */
export function exactName(part: string, parts: readonly string[]): string {
  const hasSiblings = parts.some((each) => each !== part && serviceOf(each) === part);
  return hasSiblings ? `${part}-1` : part;
}

/** @throws UserError `usage` for a service that does not exist or a number that makes no sense. */
export function checkScale(scale: Scale): void {
  for (const [service, count] of Object.entries(scale)) {
    if (!APP_PARTS.some((each) => each === service)) {
      throw new UserError('usage', `--scale does not know "${service}"`, {
        hint:
          suggest(service, APP_PARTS) ??
          `There may be several of each of: ${APP_PARTS.join(', ')}.`,
      });
    }
    if (Number.isInteger(count) && count >= 1 && count <= MAX_INSTANCES) continue;
    throw new UserError('usage', `--scale ${service} takes a number from 1 to ${MAX_INSTANCES}`, {
      hint: `To leave it out: --except ${service}.`,
    });
  }
}
