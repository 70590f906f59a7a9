/** How patient a saga is, and when it gives up: as its definition says, or as its own data do. Pure. */
import { LONGEST_PAUSE_MS, pauseAfter } from './backoff.ts';
import type { SagaDefinition, SagaPolicy } from './definition.ts';
import { findStep, mayGiveUp } from './lookup.ts';
import type { SagaState, SagaWait } from './state.ts';

/** What this saga does otherwise than its definition says; undefined: nothing. */
export function policyOf<Data>(saga: SagaDefinition<Data>, data: Data): SagaPolicy | undefined {
  return saga.policyOf?.(data);
}

export interface Asked {
  /** Steps whose commands wait for an answer. */
  readonly steps: readonly string[];
  /** How often they were sent. */
  readonly attempt: number;
  /** Uniform in [0, 1): takes a share of the pause off. */
  readonly jitter?: number;
}

/** How long a saga waits for its steps before it asks again: as long as the least patient of them, milliseconds. */
export function pauseOf<Data>(
  saga: SagaDefinition<Data>,
  data: Data,
  { steps, attempt, jitter = 0 }: Asked,
): number {
  const policy = policyOf(saga, data);
  const patience = steps.map((id) => {
    const step = findStep(saga, id);
    return policy?.patienceMs?.[step.to] ?? step.patienceMs;
  });
  const patienceMs = Math.min(...patience);
  // A patience that was asked for is not cut short by what nobody asked for.
  const longestMs = policy?.longestPauseMs ?? Math.max(LONGEST_PAUSE_MS, patienceMs);
  return pauseAfter(attempt, { patienceMs, longestMs, jitter });
}

/** A wait that ends with the saga's own budget at the latest, where it may still give up. */
export function waitOf<Data>(
  saga: SagaDefinition<Data>,
  state: SagaState<Data>,
  afterMs: number,
): SagaWait {
  const byAgeMs = policyOf(saga, state.data)?.budgetMs;
  return byAgeMs !== undefined && mayGiveUp(saga, state) ? { afterMs, byAgeMs } : { afterMs };
}

/** When a wait is over. A saga that is too old already still gets its whole wait: it was asked just now. */
export function endOf({ afterMs, byAgeMs }: SagaWait, now: number, beganAt: number): number {
  const end = now + afterMs;
  if (byAgeMs === undefined) return end;
  const tooOldAt = beganAt + byAgeMs + 1;
  return tooOldAt > now ? Math.min(end, tooOldAt) : end;
}
