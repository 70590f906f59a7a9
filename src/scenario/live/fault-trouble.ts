/** What is told of parts that cannot be made to fail, or to stop failing. */
import { UserError } from '../../kernel/errors.ts';

/** They do not listen: they were started without faults, or not by this stack. */
export function deafParts(missing: readonly string[]): UserError {
  const who = missing.join(', ');
  return new UserError('environment', `No faults can be armed in ${who}: no answer`, {
    hint: `Down, or taken away by another run? See: wonderland ps. Else ${who} was started without faults: use --isolated, or set WONDERLAND_FAULTS=1 for it.`,
  });
}

/** They were armed under a lease of so many milliseconds. */
export function stuckFaults(missing: readonly string[], leaseMs: number): UserError {
  const seconds = leaseMs / 1_000;
  return new UserError(
    'part-failed',
    `${missing.join(', ')} did not confirm that its faults are gone`,
    {
      hint: `They end by themselves ${seconds} s after they were armed. See: wonderland ps`,
    },
  );
}
