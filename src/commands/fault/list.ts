/** Shows every fault that any part knows, and who does not say. */
import { formatDuration } from '../../kernel/durations.ts';
import type { CommandContext } from '../context.ts';
import { noFaultsHere, openFaults } from './connection.ts';
import { renderFaults, rowsOf } from './rows.ts';

/** @throws UserError `stack-not-running`; `environment` on a stack that takes no faults. */
export async function runFaultList(context: CommandContext): Promise<void> {
  const { output } = context;
  await using faults = await openFaults(context);
  const { parts, missing } = await faults.control.list();
  if (parts.length === 0) throw noFaultsHere();
  const rows = rowsOf(parts);
  const clocks = parts.flatMap(({ service, instance, skewMs }) =>
    skewMs === undefined ? [] : [{ service, instance, skewMs }],
  );
  output.result({ faults: rows, clocks, silent: missing }, () =>
    rows.length > 0
      ? renderFaults(rows, output)
      : clocks.length > 0
        ? 'No faults at messages.'
        : 'No faults: the shop does what it should.',
  );
  for (const { service, skewMs } of clocks) {
    const by = formatDuration(Math.abs(skewMs));
    output.note(`The clock of ${service} is ${by} ${skewMs < 0 ? 'slow' : 'fast'}.`);
  }
  if (missing.length > 0) {
    output.warn(
      `${missing.join(', ')} does not answer: down, frozen or cut off. See: wonderland ps`,
    );
  }
  if (rows.some(({ by }) => by === 'hand'))
    output.hint('Undo all set by hand: wonderland fault clear');
}
