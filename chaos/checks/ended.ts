/** Waits until orders have ended and are told of, asking databases: through crashes of everything, theirs too. */
import { liveClock as clock } from '../../src/kernel/live.ts';
import type { Place } from '../stack/chaos-stack.ts';
import { among, openRows, type Rows } from './rows.ts';
import { TERMINAL } from './facts.ts';

const POLL_MS = 20;

/** True once all have ended, without ids once every order has; false when the time is over. */
export function untilEnded(
  place: Place,
  ids: readonly string[] | undefined,
  withinMs: number,
): Promise<boolean> {
  const terminal = TERMINAL.map((each) => `'${each}'`).join(', ');
  const left = `SELECT count(*) AS count FROM saga
    WHERE ${among('id', ids)} AND (open OR status NOT IN (${terminal}))`;
  return untilTrue(withinMs, async (isOver) => {
    await using rows = await openRows(place, 'mediator');
    while ((await countOf(rows, left)) > 0) {
      if (isOver()) return false;
      await clock.sleep(POLL_MS);
    }
    return true;
  });
}

/** True once the log store has as many entries of these orders as the saga log. */
export function untilLogged(
  place: Place,
  ids: readonly string[] | undefined,
  withinMs: number,
): Promise<boolean> {
  const written = `SELECT count(*) AS count FROM saga_log WHERE ${among('saga_id', ids)}`;
  const stored = `SELECT count(*) AS count FROM record
    WHERE id LIKE 'saga-%' AND ${among('order_id', ids)}`;
  return untilTrue(withinMs, async () => {
    await using log = await openRows(place, 'mediator');
    await using store = await openRows(place, 'logs');
    return (await countOf(store, stored)) >= (await countOf(log, written));
  });
}

/** True once the log store has this record. */
export function untilStored(place: Place, id: string, withinMs: number): Promise<boolean> {
  return untilTrue(withinMs, async () => {
    await using store = await openRows(place, 'logs');
    return (await countOf(store, `SELECT count(*) AS count FROM record WHERE id = '${id}'`)) === 1;
  });
}

async function countOf(rows: Rows, sql: string): Promise<number> {
  const [row] = await rows.all<{ count: number | string }>(sql);
  return Number(row?.count);
}

/** A database that is away now is asked again. */
async function untilTrue(
  withinMs: number,
  isTrue: (isOver: () => boolean) => Promise<boolean>,
): Promise<boolean> {
  const giveUpAt = clock.elapsed() + withinMs;
  const isOver = (): boolean => clock.elapsed() > giveUpAt;
  while (!isOver()) {
    if (await isTrue(isOver).catch(() => false)) return true;
    await clock.sleep(POLL_MS);
  }
  return false;
}
