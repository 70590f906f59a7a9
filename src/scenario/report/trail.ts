/** What happened to one order, line by line: the report's way to the cause. */
import type { TimelineEntry } from '../../contracts/orders.ts';
import type { Observations } from '../judge/observations.ts';

/** The order's entries of the saga log, with milliseconds since the run began. */
export function trailOf(seen: Observations, name: string): string[] {
  const order = seen.orders.find((each) => each.name === name);
  if (order?.detail === undefined) {
    return [`${name} was not accepted${order?.refusal === undefined ? '' : `: ${order.refusal}`}`];
  }
  const { id, timeline } = order.detail;
  const times = timeline.map(({ at }) => `${at - seen.startedAt} ms`);
  const width = Math.max(...times.map((time) => time.length));
  return [
    `What happened to ${name} (${id}):`,
    ...timeline.map((entry, index) => `  ${times[index]?.padStart(width)}  ${lineOf(entry)}`),
  ];
}

function lineOf({ event, status, reason, issued }: TimelineEntry): string {
  const why = reason === undefined ? '' : ` (${reason})`;
  const next = issued.length === 0 ? '' : `  → ${issued.join(', ')}`;
  return `${`${event}${why}`.padEnd(12)} ${status.padEnd(10)}${next}`.trimEnd();
}
