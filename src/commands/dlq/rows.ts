/** Dead letters in a table. */
import type { DeadLetterView } from '../../contracts/dead-letters.ts';
import { endOf } from '../order/describe.ts';
import type { Output } from '../output.ts';
import { renderTable, type Column } from '../table.ts';
import { formatInstant } from '../times.ts';

const COLUMNS: readonly Column<DeadLetterView>[] = [
  { title: 'dead letter', value: ({ id }) => id, short: ({ id }) => `${id.slice(0, 8)}…` },
  { title: 'reason', value: ({ reason }) => reason },
  { title: 'type', value: ({ type }) => type ?? '', canShrink: true },
  {
    title: 'order',
    value: ({ orderId }) => (orderId === undefined ? '' : endOf(orderId)),
    canGo: true,
  },
  { title: 'died', value: ({ lastAt }) => formatInstant(lastAt), canGo: true },
  { title: 'times', value: ({ times }) => String(times), align: 'right', canGo: true },
  { title: 'detail', value: ({ detail }) => detail, canShrink: true, canGo: true },
];

export function renderDeadLetters(rows: readonly DeadLetterView[], output: Output): string {
  return renderTable(rows, COLUMNS, output);
}

/** `1 dead letter`, `2 dead letters`. */
export function counted(count: number): string {
  return `${count} dead letter${count === 1 ? '' : 's'}`;
}
