/** What became of each fault of a plan, from the recording alone. Pure. */
import type { FaultOutcome } from '../judge/verdict.ts';
import { plannedFaults, type Plan } from '../plan.ts';
import type { PlannedFault } from '../plan/faults.ts';
import type { Line, PassageLine } from './lines.ts';

/** The id of a fault on the stack: unique there, so that runs side by side do not mix. */
export function faultIdOf({ id }: Pick<PlannedFault, 'id'>, run: string): string {
  return `${run}/${id}`;
}

/**
 * In the order of the plan. A fault of a message fired as often as parts say so; one of a part of the stack as often
 * as something was really done to it: that its place was reached is not enough.
 */
export function outcomesOf(
  plan: Pick<Plan, 'faults' | 'steps'>,
  lines: readonly Line[],
): FaultOutcome[] {
  const run = lines.find((line) => line.kind === 'run')?.run ?? '';
  const hits = countHits(lines);
  const handled = countHandled(lines);
  const acts = lines.filter((line) => line.kind === 'stack');
  return plannedFaults(plan).map((fault) => {
    const passed = passedBy(fault, handled);
    if (fault.does.kind === 'message') {
      return { fault, fired: hits.get(faultIdOf(fault, run)) ?? 0, passed };
    }
    const own = acts.filter(({ faultId }) => faultId === fault.id);
    const problem = own.find((each) => each.problem !== undefined)?.problem;
    return {
      fault,
      fired: own.filter((each) => each.problem === undefined).length,
      passed,
      ...(problem !== undefined && { problem }),
    };
  });
}

/** By fault id. */
function countHits(lines: readonly Line[]): ReadonlyMap<string, number> {
  const hits = new Map<string, number>();
  for (const line of lines) {
    if (line.kind !== 'passage' || line.what !== 'fault') continue;
    hits.set(line.faultId, (hits.get(line.faultId) ?? 0) + 1);
  }
  return hits;
}

type Handled = ReadonlyMap<string, Readonly<Record<string, number>>>;

/** By part, then by contract name. */
function countHandled(lines: readonly Line[]): Handled {
  const handled = new Map<string, Record<string, number>>();
  for (const line of lines) {
    if (line.kind !== 'passage' || !isHandling(line)) continue;
    const { service, message } = line;
    const counts = handled.get(service) ?? {};
    handled.set(service, { ...counts, [message]: (counts[message] ?? 0) + 1 });
  }
  return handled;
}

function isHandling(line: PassageLine): boolean {
  return line.what === 'point' && line.point === 'handle';
}

/** What came by the place of the fault; for a fault that waits for an event or a time nothing can. */
function passedBy({ place }: PlannedFault, handled: Handled): Record<string, number> {
  if (place.kind !== 'point') return {};
  const { service } = place.target;
  const passed: Record<string, number> = {};
  for (const [part, counts] of handled) {
    if (service !== '*' && service !== part) continue;
    for (const [message, times] of Object.entries(counts)) {
      passed[message] = (passed[message] ?? 0) + times;
    }
  }
  return passed;
}
