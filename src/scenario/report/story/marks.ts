/** What happened inside the parts while an order went through them: faults, duplicates, deaths, its own progress. */
import type { Plan } from '../../plan.ts';
import { plannedFaults } from '../../plan.ts';
import type { Line, PassageLine } from '../../recording/lines.ts';
import { linesOf, type LineOf } from '../../recording/recording.ts';
import { describeAction, describeStackAction } from '../wording.ts';
import type { Mark } from './story.ts';

/** Events that change no status and yet explain what happens. */
const TELLING = new Set(['retried', 'timed-out', 'stuck', 'cancel-requested']);

/** Marks of the passages of one order. */
export function passageMarks(plan: Plan, passages: readonly PassageLine[]): Mark[] {
  return passages.flatMap((line): Mark[] => {
    const at = { kind: 'mark' as const, part: line.service, atMs: line.atMs };
    if (line.what === 'fault') return [{ ...at, what: 'fault', text: faultText(plan, line) }];
    if (line.what === 'duplicate') {
      return [{ ...at, what: 'duplicate', text: `${line.message}: seen before, ignored` }];
    }
    if (line.what !== 'dead-lettered') return [];
    return [{ ...at, what: 'dead-letter', text: `dead letter: ${line.reason} (${line.detail})` }];
  });
}

type FaultLine = Extract<PassageLine, { readonly what: 'fault' }>;

/** A fault that holds a message does so for what is done to the stack meanwhile. */
function faultText(plan: Plan, { faultId, action, point, message }: FaultLine): string {
  const planned = plannedFaults(plan).find(
    ({ id }) => faultId === id || faultId.endsWith(`/${id}`),
  );
  const does =
    planned?.does.kind === 'stack' ? describeStackAction(planned.does) : describeAction(action);
  return `${does}, ${message === '' ? 'a message' : message} at ${point}`;
}

/** The order's own progress, as the mediator decided it. */
export function statusMarks(entries: ReadonlyArray<LineOf<'entry'>>): Mark[] {
  let last: string | undefined;
  return entries.flatMap(({ atMs, entry: { event, status, reason } }) => {
    const isTold = status !== last || TELLING.has(event);
    last = status;
    if (!isTold) return [];
    const why = reason === undefined ? '' : ` (${reason})`;
    const text = event === status ? `${status}${why}` : `${event}${why}: ${status}`;
    return [
      { kind: 'mark' as const, part: 'mediator', atMs, what: 'status' as const, text, status },
    ];
  });
}

const DOWN: Readonly<Partial<Record<string, string>>> = {
  crash: 'killed',
  restart: 'stopped',
  hang: 'frozen',
  partition: 'cut off from the broker',
};

/** When parts were taken away, and when they were back: all parts, whatever the order. */
export function stackMarks(lines: readonly Line[]): Mark[] {
  return linesOf(lines, 'stack')
    .filter(({ problem }) => problem === undefined)
    .flatMap(({ verb, part, forMs, ...line }): Mark[] => {
      const atMs = afterItsFault(lines, line);
      const at = { kind: 'mark' as const, part };
      const down = DOWN[verb];
      if (down === undefined)
        return [{ ...at, atMs, what: 'fault', text: `clock of ${part} skewed` }];
      const upAtMs = backAt(lines, { part, atMs, forMs });
      const up: Mark[] =
        upAtMs === undefined ? [] : [{ ...at, atMs: upAtMs, what: 'up', text: 'goes on' }];
      return [{ ...at, atMs, what: 'down', text: down }, ...up];
    });
}

/** Clocks of two processes differ a little: what was done because of a fault is told after it. */
const CLOCKS_DIFFER_MS = 500;

function afterItsFault(
  lines: readonly Line[],
  { faultId, atMs }: Pick<LineOf<'stack'>, 'faultId' | 'atMs'>,
): number {
  const cause = linesOf(lines, 'passage').find(
    (line) =>
      line.what === 'fault' &&
      line.faultId.endsWith(`/${faultId}`) &&
      Math.abs(line.atMs - atMs) < CLOCKS_DIFFER_MS,
  );
  return Math.max(atMs, cause?.atMs ?? atMs);
}

interface Absence {
  readonly part: string;
  readonly atMs: number;
  readonly forMs: number | undefined;
}

/** The first sign of life of a part, or the end of its time; servers leave no signs. */
function backAt(lines: readonly Line[], { part, atMs, forMs }: Absence): number | undefined {
  const earliest = atMs + (forMs ?? 1);
  const sign = linesOf(lines, 'passage')
    .filter((line) => line.service === part && line.atMs >= earliest)
    .reduce((first, line) => Math.min(first, line.atMs), Infinity);
  if (sign !== Infinity) return sign;
  return forMs === undefined ? undefined : earliest;
}
