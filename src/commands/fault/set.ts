/** Sets one fault by hand: in a part's message handling, in its network, or in its clock. */
import { EVERY_RUN } from '../../contracts/faults.ts';
import { formatDuration } from '../../kernel/durations.ts';
import { unreachable, UserError } from '../../kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import { noFaultsHere, openFaults, type OpenFaults } from './connection.ts';
import { wishOf, type FaultSetOptions, type Wish } from './input.ts';
import { describeHits, renderFaults, rowsOf } from './rows.ts';

/**
 * @throws UserError `usage` with what was meant; `stack-not-running`; `environment` when the part that is to
 * fail does not listen for faults.
 */
export async function runFaultSet(
  options: FaultSetOptions,
  context: CommandContext,
): Promise<void> {
  const wish = wishOf(options, `h${context.ids.hex(2)}`);
  const service = wish.does === 'arm' ? wish.fault.service : wish.service;
  await using faults = await openFaults(context, service);
  // Awaited here: the connection must outlive what is said over it.
  await carryOut(wish, faults, context);
}

function carryOut(wish: Wish, faults: OpenFaults, context: CommandContext): Promise<void> {
  switch (wish.does) {
    case 'arm':
      return arm(wish, faults, context);
    case 'partition':
      return partition(wish, faults, context);
    case 'skew':
      return skew(wish, faults, context);
    default:
      return unreachable(wish, 'a wish');
  }
}

type Of<Does extends Wish['does']> = Extract<Wish, { readonly does: Does }>;

async function arm(
  { fault, leaseMs }: Of<'arm'>,
  { control }: OpenFaults,
  { output }: CommandContext,
): Promise<void> {
  const missing = await control.arm([fault], leaseMs);
  const { parts } = await control.list();
  requireListeners(missing, parts.length);
  const row = rowsOf(parts).find(({ id }) => id === fault.id);
  if (row === undefined) throw noFaultsHere();
  output.result(
    { fault: row },
    () =>
      `✔ armed: ${row.at}: ${row.does}, hits ${describeHits(fault)}, ends in ${formatDuration(leaseMs)}\n\n${renderFaults([row], output)}`,
  );
  output.hint(`See it fire: wonderland fault list. Undo: wonderland fault clear ${fault.id}`);
}

async function partition(
  { service, forMs }: Of<'partition'>,
  { control }: OpenFaults,
  { output }: CommandContext,
): Promise<void> {
  requireListeners(await control.cut({ run: EVERY_RUN, service, forMs }), 0);
  output.result({ partition: service, forMs }, () => {
    return `✔ ${service} is cut off from the broker, and back in ${formatDuration(forMs)}.`;
  });
  output.hint('It ends by itself: nobody can reach the part before. See: wonderland ps');
}

async function skew(
  { service, byMs, forMs }: Of<'skew'>,
  { control }: OpenFaults,
  { output }: CommandContext,
): Promise<void> {
  requireListeners(await control.skew({ run: EVERY_RUN, service, byMs, forMs }), 0);
  const by = `${formatDuration(Math.abs(byMs))} ${byMs < 0 ? 'slow' : 'fast'}`;
  output.result({ skew: service, byMs, forMs }, () => {
    return `✔ The clock of ${service} is ${by}, and right again in ${formatDuration(forMs)}.`;
  });
  output.hint('At once: wonderland fault clear');
}

/** @param others how many parts did answer something. */
function requireListeners(missing: readonly string[], others: number): void {
  if (missing.length === 0) return;
  if (others === 0) throw silent(missing);
  throw new UserError('environment', `${missing.join(', ')} did not take the fault`, {
    hint: 'Is it up? See `wonderland ps`. A fault that is armed elsewhere is shown by `wonderland fault list`.',
  });
}

function silent(missing: readonly string[]): UserError {
  const { code, message, hint = '' } = noFaultsHere();
  return new UserError(code, `${message}: ${missing.join(', ')} did not answer`, {
    hint: `${hint} Is it up? See \`wonderland ps\`.`,
    details: { missing },
  });
}
