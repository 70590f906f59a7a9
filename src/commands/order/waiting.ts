/** What an order waits for, in words: who owes an answer, why there is none, and when it is asked again. */
import type { Waiting } from '../../contracts/orders.ts';
import { formatDuration } from '../../kernel/durations.ts';

/** `payment was asked 5 times in 12.4 s (the provider is away); again in 3.10 s`. */
export function describeAwaited(waiting: Waiting, now: number): string {
  const { attempt, since } = waiting;
  const times = attempt === 1 ? 'once' : `${attempt} times`;
  const asked = `${servicesOf(waiting).join(' and ')} was asked ${times} in ${formatDuration(Math.max(0, now - since))}`;
  return `${asked} (${whyOf(waiting)}); ${nextOf(waiting, now)}`;
}

/** Parts that owe an answer, each once. */
export function servicesOf({ steps }: Waiting): readonly string[] {
  return [...new Set(steps.map((each) => each.service))];
}

/** What the part said when it asked for a pause; one that says nothing may be gone. */
export function whyOf({ trouble }: Waiting): string {
  return trouble ?? 'no answer';
}

/** `again in 3.10 s`; a time that is over means that no mediator is there to do it. */
export function nextOf({ nextAttemptAt }: Waiting, now: number): string {
  const pauseMs = nextAttemptAt - now;
  if (pauseMs < -OVERDUE_MS) return 'again when a mediator is there';
  return pauseMs <= 0 ? 'again now' : `again in ${formatDuration(pauseMs)}`;
}

/** A mediator that is there is never so late. */
const OVERDUE_MS = 5_000;
