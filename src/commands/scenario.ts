/** `wonderland scenario`: plays scenarios, and tells what they are. */
import type { Command } from 'commander';

import { repeated } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

const variables = repeated((text) => text);

interface RunFlags {
  readonly var?: readonly string[];
  readonly failFast?: boolean;
  readonly isolated?: boolean;
  readonly engine?: string;
}

export function register(program: Command, context: CommandContext): void {
  const scenario = program
    .command('scenario')
    .description('Break the shop on purpose, and see that no money and no book is lost.');
  registerRun(scenario, context);
  registerReaders(scenario, context);
  withExamples(scenario, [
    ['wonderland scenario list', 'what there is to see'],
    ['wonderland scenario run payment-failure', 'see how a declined card is undone'],
    ['wonderland scenario run', 'all of them; on the running stack, or on one of their own'],
  ]);
}

function registerRun(scenario: Command, context: CommandContext): void {
  const run = scenario
    .command('run')
    .description('Play scenarios and judge them. Exit 10: failed, 12: a fault never fired.')
    .argument('[scenarios...]', 'names or files; all when there are none')
    .option('--var <name=value>', 'replace a variable of the scenario; may be repeated', variables)
    .option('--fail-fast', 'stop at the first that does not pass')
    .option('--isolated', 'on a stack of their own, even when one is running')
    .option('--engine <engine>', 'of that stack: embedded or external')
    .action(async (names: readonly string[], flags: RunFlags) => {
      const { runScenarioRun } = await import('./scenario/run.ts');
      await runScenarioRun(
        {
          names,
          variables: flags.var ?? [],
          failFast: flags.failFast === true,
          isolated: flags.isolated === true,
          engine: flags.engine,
        },
        context,
      );
    });
  withExamples(run, [
    ['wonderland scenario run payment-failure', 'one scenario'],
    ['wonderland scenario run payment-failure --var reason=lost_card', 'with another reason'],
    ['wonderland scenario run my-scenario.yaml --isolated', 'a file, on a fresh stack'],
  ]);
}

function registerReaders(scenario: Command, context: CommandContext): void {
  const list = scenario
    .command('list')
    .description('Show all scenarios and what each is about.')
    .action(async () => {
      const { runScenarioList } = await import('./scenario/list.ts');
      await runScenarioList(context);
    });
  const show = scenario
    .command('show')
    .description('Show the plan of a scenario: what it does and what must hold.')
    .argument('<scenario>', 'a name or a file')
    .option('--var <name=value>', 'replace a variable of the scenario; may be repeated', variables)
    .action(async (name: string, flags: Pick<RunFlags, 'var'>) => {
      const { runScenarioShow } = await import('./scenario/show.ts');
      await runScenarioShow({ name, variables: flags.var ?? [] }, context);
    });
  const validate = scenario
    .command('validate')
    .description('Check scenario files without running them.')
    .argument('[scenarios...]', 'names or files; all when there are none')
    .action(async (names: readonly string[]) => {
      const { runScenarioValidate } = await import('./scenario/validate.ts');
      await runScenarioValidate({ names }, context);
    });
  withExamples(list, [['wonderland scenario list', 'what there is to see']]);
  withExamples(show, [
    ['wonderland scenario show payment-failure', 'what it does, step by step'],
    ['wonderland scenario show my-scenario.yaml --var reason=lost_card', 'a file, with a value'],
  ]);
  withExamples(validate, [
    ['wonderland scenario validate', 'all of them'],
    ['wonderland scenario validate my-scenario.yaml', 'a file, with the line of each mistake'],
  ]);
}
