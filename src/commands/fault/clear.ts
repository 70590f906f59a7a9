/** Disarms faults that were set by hand, in every part. */
import { EVERY_RUN } from '../../contracts/faults.ts';
import { UserError } from '../../kernel/errors.ts';
import { suggest } from '../../kernel/suggestion.ts';
import type { CommandContext } from '../context.ts';
import { noFaultsHere, openFaults } from './connection.ts';
import { rowsOf } from './rows.ts';

/**
 * Without ids: all that people set; those of scenarios that are being played stay.
 * @throws UserError `usage` for an id that no part knows; `part-failed` when a part does not confirm it.
 */
export async function runFaultClear(
  { ids }: { readonly ids: readonly string[] },
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  await using faults = await openFaults(context);
  const { control } = faults;
  const { parts } = await control.list();
  if (parts.length === 0) throw noFaultsHere();
  const rows = rowsOf(parts);
  const known = rows.map(({ id }) => id);
  const stranger = ids.find((id) => !known.includes(id));
  if (stranger !== undefined) {
    throw new UserError('usage', `There is no fault "${stranger}"`, {
      hint: suggest(stranger, known) ?? 'See `wonderland fault list`.',
    });
  }
  const meant = rows.filter(({ id, by }) => (ids.length === 0 ? by === 'hand' : ids.includes(id)));
  const { missing } = await control.clear(
    ids.length === 0 ? { run: EVERY_RUN } : { faultIds: ids },
  );
  if (missing.length > 0) throw stillThere(missing);
  const cleared = meant.map(({ id, at, fired }) => ({ id, at, fired }));
  const skewed = parts.filter(({ skewMs }) => skewMs !== undefined && ids.length === 0);
  const clocks = [...new Set(skewed.map(({ service }) => service))];
  output.result({ cleared, clocks }, () => {
    const lines = [
      ...cleared.map(({ id, at, fired }) => `✔ ${id} at ${at} is disarmed; it fired ${fired}×`),
      ...clocks.map((service) => `✔ The clock of ${service} is right again`),
    ];
    return lines.length === 0 ? 'No fault was set by hand: nothing to clear.' : lines.join('\n');
  });
  if (ids.length === 0 && rows.length > meant.length) {
    output.hint(
      'Faults of scenarios are left as they are. To undo everything: wonderland scenario heal',
    );
  }
}

function stillThere(missing: readonly string[]): UserError {
  return new UserError(
    'part-failed',
    `${missing.join(', ')} did not confirm that its faults are gone`,
    {
      hint: 'They end by themselves: see `wonderland fault list`. A part that is down or frozen: `wonderland scenario heal`.',
      details: { missing },
    },
  );
}
