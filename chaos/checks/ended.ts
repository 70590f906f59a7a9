/** Waits until orders have ended, asking the mediators' database: through crashes of everything, that one too. */
import { liveClock as clock } from '../../src/kernel/live.ts';
import type { Place } from '../stack/chaos-stack.ts';
import { among, openRows } from './rows.ts';
import { TERMINAL } from './facts.ts';

const POLL_MS = 20;

/** True once all have ended, without ids once every order has; false when the time is over. */
export async function untilEnded(
  place: Place,
  ids: readonly string[] | undefined,
  withinMs: number,
): Promise<boolean> {
  const giveUpAt = clock.elapsed() + withinMs;
  const left = `SELECT count(*)::int AS count FROM saga WHERE ${among('id', ids)}
    AND (open OR status NOT IN (${TERMINAL.map((each) => `'${each}'`).join(', ')}))`;
  while (clock.elapsed() < giveUpAt) {
    try {
      await using rows = await openRows(place, 'mediator');
      while (clock.elapsed() < giveUpAt) {
        const [found] = await rows.all<{ count: number }>(left);
        if (found?.count === 0) return true;
        await clock.sleep(POLL_MS);
      }
    } catch {
      await clock.sleep(POLL_MS);
    }
  }
  return false;
}
