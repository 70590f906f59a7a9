/** The body of `wonderland reset`: says what it removes, asks, removes. */
import { UserError } from '../../kernel/errors.ts';
import { planReset, resetStack } from '../../stack/reset-stack.ts';
import type { CommandContext } from '../context.ts';

export interface ResetOptions {
  readonly yes: boolean;
}

/** @throws UserError `input-missing` without --yes where nobody can be asked, `interrupted` on "no" */
export async function runReset({ yes }: ResetOptions, context: CommandContext): Promise<void> {
  const { clock, output, forced } = context;
  const { stateDir, stack: name } = await context.settings();
  const { removes } = planReset({ stateDir, name });
  if (removes.length > 0 && !yes) await ask(removes, context);
  if (removes.length > 0) await resetStack({ stateDir, name, clock, forced });
  output.result({ name, removed: removes }, () =>
    removes.length === 0
      ? `The stack "${name}" has no data.`
      : [`✔ Removed:`, ...removes.map((each) => `  ${each}`)].join('\n'),
  );
}

async function ask(removes: readonly string[], context: CommandContext): Promise<void> {
  const { terminal, output, signal } = context;
  output.note(['This removes for good:', ...removes.map((each) => `  ${each}`)].join('\n'));
  if (!terminal.canAsk || output.json) {
    throw new UserError('input-missing', 'Nobody can be asked here whether to remove the data', {
      hint: 'Say so on the command line: `wonderland reset --yes`.',
      details: { removes },
    });
  }
  const { default: inquirer } = await import('inquirer');
  const { sure } = await inquirer.prompt<{ sure: boolean }>(
    [{ type: 'confirm', name: 'sure', message: 'Remove it?', default: false }],
    { signal } as never,
  );
  if (!sure) throw new UserError('interrupted', 'Nothing was removed.');
}
