/** Whom claims are about: a part that is away on purpose must not hold up a look that does not need it. */
import type { Claim } from '../plan/claims.ts';

/** Parts whose databases are read, besides the mediator's, which is always. */
export const SOURCES = ['inventory', 'payment', 'customer', 'notification'] as const;
export type Source = (typeof SOURCES)[number];

const OF_CLAIM: Partial<Record<Claim['kind'], Source>> = {
  stock: 'inventory',
  paid: 'payment',
  mails: 'notification',
};

/** The parts that these claims need to be judged. */
export function sourcesOf(claims: readonly Claim[]): readonly Source[] {
  const needed = new Set(claims.flatMap(({ kind }) => OF_CLAIM[kind] ?? []));
  return SOURCES.filter((each) => needed.has(each));
}
