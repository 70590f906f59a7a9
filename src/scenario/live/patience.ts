/** Trying again while a part is away: faults of a scenario may well take down what the checks ask. */
import { WonderlandError } from '../../kernel/errors.ts';
import type { Connection } from './connection.ts';

const PAUSE_MS = 100;

/**
 * Does the work until it succeeds.
 * @throws what it threw last, when that is final or the time is over.
 */
export async function patiently<T>(
  { clock, signal }: Pick<Connection, 'clock' | 'signal'>,
  withinMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = clock.elapsed() + withinMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const mayPass = error instanceof WonderlandError && error.retryable;
      if (!mayPass || signal.aborted || clock.elapsed() >= deadline) throw error;
    }
    await clock.sleep(PAUSE_MS, signal);
  }
}
