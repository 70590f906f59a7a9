/** Armed faults as people see them: one row for each, put together from what every part says. */
import { EVERY_RUN, type Fault } from '../../contracts/faults.ts';
import { formatDuration } from '../../kernel/durations.ts';
import type { ListedReport } from '../../messaging/control.ts';
import { writtenMessage } from '../../scenario/language/places.ts';
import { describeAction } from '../../scenario/report/wording.ts';
import type { Output } from '../output.ts';
import { renderTable } from '../table.ts';

/** A fault with everything that holds for it, whatever was left out when it was set. */
export interface FaultRow {
  readonly id: string;
  readonly at: string;
  /** What happens, in words. */
  readonly does: string;
  readonly fault: Fault;
  /** `hand`, or the run of a scenario. */
  readonly by: string;
  /** As far as the parts have heard of each other: at least so often. */
  readonly fired: number;
  readonly endsInMs: number;
}

/** One row for each fault that any part knows. */
export function rowsOf(parts: readonly ListedReport[]): readonly FaultRow[] {
  const rows = new Map<string, FaultRow>();
  for (const { faults } of parts) {
    for (const { fault, fired, endsInMs } of faults) {
      const known = rows.get(fault.id);
      rows.set(fault.id, {
        id: fault.id,
        at: atOf(fault),
        does: describeAction(fault.action),
        fault,
        by: fault.run === EVERY_RUN ? 'hand' : fault.run,
        fired: Math.max(known?.fired ?? 0, fired),
        endsInMs: Math.round(Math.max(known?.endsInMs ?? 0, endsInMs)),
      });
    }
  }
  return [...rows.values()].toSorted((a, b) => a.id.localeCompare(b.id));
}

/** Which messages are hit: `all`, `1 from the 3rd on`. */
export function describeHits({ nth, times, rate, order, attempt }: Fault): string {
  return [
    rate === undefined
      ? times === undefined
        ? 'all'
        : `${times}`
      : `${Number((rate * 100).toFixed(2))}%`,
    ...(rate !== undefined && times !== undefined ? [`${times} at most`] : []),
    ...(nth === 1 ? [] : [`from message ${nth} on`]),
    ...(order === undefined ? [] : [`of order ${order}`]),
    ...(attempt === undefined ? [] : [`attempt ${attempt}`]),
  ].join(', ');
}

export function renderFaults(rows: readonly FaultRow[], { columns, paint }: Output): string {
  return renderTable(
    rows,
    [
      { title: 'ID', value: ({ id }) => id },
      { title: 'PLACE', value: ({ at }) => at },
      { title: 'DOES', value: ({ does }) => does, canShrink: true },
      { title: 'HITS', value: ({ fault }) => describeHits(fault) },
      { title: 'FIRED', value: ({ fired }) => `${fired}×`, align: 'right' },
      { title: 'ENDS IN', value: ({ endsInMs }) => formatDuration(endsInMs), align: 'right' },
      { title: 'SET BY', value: ({ by }) => by, canGo: true },
    ],
    { columns, paint },
  );
}

function atOf({ service, message, point }: Fault): string {
  const handled = message === '*' ? `${service}.*` : writtenMessage(service, message);
  return `${handled}@${point}`;
}
