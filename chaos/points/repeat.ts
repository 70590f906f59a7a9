/** One crash: armed for one order among others, waited for, and judged when everybody has ended. */
import { liveClock as clock, liveIds } from '../../src/kernel/live.ts';
import { BugError } from '../../src/kernel/errors.ts';
import { judge } from '../checks/checker.ts';
import { untilEnded, untilLogged } from '../checks/ended.ts';
import { readEvidence } from '../checks/evidence.ts';
import type { Violation } from '../checks/violation.ts';
import { judgeLogOfRun, logOfRun, orderTogether, type Site } from './site.ts';
import type { CrashPoint } from './table.ts';

export interface Repeat {
  /** False: the process never came by the point, and nothing is proven. */
  readonly hasFired: boolean;
  /** From the death until every order had ended. */
  readonly recoveredMs: number;
  readonly violations: readonly Violation[];
}

const FIRES_WITHIN_MS = 20_000;
const ENDS_WITHIN_MS = 60_000;
const LOGGED_WITHIN_MS = 30_000;

export async function crashOnce(site: Site, point: CrashPoint): Promise<Repeat> {
  const { stack, visitor } = site;
  const victim = stack.parts.get(point.part);
  if (victim === undefined) throw new BugError(`there is no part ${point.part}`);
  await victim.ready();
  const run = `chaos-${liveIds.hex(6)}`;
  const before = victim.deaths.length;
  await visitor.arm([point.part], [faultOf(point, run)]);
  const { customers, answered } = orderTogether(site, point.kind, run);
  if (point.part === 'logging') await logOfRun(site, run);
  const death = await victim.deathAfter(before, FIRES_WITHIN_MS);
  if (death === undefined) await visitor.clear([point.part], run);
  const placed = await answered;
  const ids = placed.flatMap(({ accepted }) => accepted?.id ?? []);
  await untilEnded(stack.place, ids, ENDS_WITHIN_MS);
  const endedAt = clock.elapsed();
  await untilLogged(stack.place, ids, LOGGED_WITHIN_MS);
  return {
    hasFired: death?.signal === 'SIGKILL',
    recoveredMs: endedAt - (death?.at ?? endedAt),
    violations: [
      ...judge(customers.placed, await readEvidence(stack.place, ids)),
      ...(point.part === 'logging' ? await judgeLogOfRun(site, run) : []),
    ],
  };
}

/** Times one: what the process remembers dies with it, and nobody arms it again. */
function faultOf({ name, part, message, point }: CrashPoint, run: string) {
  const action = { verb: 'crash' } as const;
  return { id: name, run, service: part, message, point, action, nth: 1, times: 1 };
}
