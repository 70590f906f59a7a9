/** `wonderland scenario`: plays scenarios, and tells what they are. */
import type { Command } from 'commander';

import { repeated, wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

const words = repeated((text) => text);

interface RunFlags {
  readonly tag?: readonly string[];
  readonly var?: readonly string[];
  readonly seed?: number;
  readonly repeat?: number;
  readonly parallel: number;
  readonly failFast?: boolean;
  readonly watch?: boolean;
  readonly report?: readonly string[];
  readonly isolated?: boolean;
  readonly engine?: string;
}

type ShowFlags = Pick<RunFlags, 'var' | 'seed' | 'repeat' | 'isolated' | 'engine'> & {
  readonly dry?: boolean;
};

/** As in the language: a run is a seed, and so many runs are the most. */
const MAX_SEED = 2_147_483_647;
const MAX_REPEAT = 1_000;
const MAX_PARALLEL = 32;

export function register(program: Command, context: CommandContext): void {
  const scenario = program
    .command('scenario')
    .description('Break the shop on purpose, and see that no money and no book is lost.');
  registerRun(scenario, context);
  registerReaders(scenario, context);
  registerShow(scenario, context);
  registerNew(scenario, context);
  registerHeal(scenario, context);
  withExamples(scenario, [
    ['wonderland scenario list', 'what there is to see'],
    ['wonderland scenario run payment-failure', 'see how a declined card is undone'],
    ['wonderland scenario run', 'all of them; on the running stack, or on one of their own'],
    ['wonderland scenario new', 'write your own'],
  ]);
}

function registerRun(scenario: Command, context: CommandContext): void {
  const run = values(
    scenario
      .command('run')
      .description(
        'Play scenarios and judge them. Exit 10: failed, 12: nothing is proven, because a fault never fired.',
      )
      .argument('[scenarios...]', 'names or files; all when there are none')
      .option('--tag <tag>', 'only those with this tag or in this folder; may be repeated', words),
  )
    .option(
      '--parallel <n>',
      'so many at a time; one that takes parts of the stack away still runs alone',
      wholeNumber('--parallel', 1, MAX_PARALLEL),
      1,
    )
    .option('--fail-fast', 'stop at the first that does not pass')
    .option(
      '--watch',
      'play again each time that a file is saved, until Ctrl-C; with --json a line per round',
    )
    .option(
      '--report <kind=file>',
      'write a report: html, junit, json or ndjson; several with commas or repeated',
      words,
    )
    .action(async (names: readonly string[], flags: RunFlags) => {
      const options = {
        names,
        tags: flags.tag ?? [],
        variables: flags.var ?? [],
        seed: flags.seed,
        repeat: flags.repeat,
        parallel: flags.parallel,
        failFast: flags.failFast === true,
        reports: flags.report ?? [],
        ...placeOf(flags),
      };
      if (flags.watch === true) {
        const { runScenarioWatch } = await import('./scenario/watch.ts');
        return runScenarioWatch(options, context);
      }
      const { runScenarioRun } = await import('./scenario/run.ts');
      return runScenarioRun(options, context);
    });
  withExamples(run, [
    ['wonderland scenario run payment-failure', 'one scenario'],
    ['wonderland scenario run payment-failure --var reason=lost_card', 'with another reason'],
    ['wonderland scenario run --tag payment --parallel 4', 'all about payment, four at a time'],
    ['wonderland scenario run my-scenario.yaml --watch', 'a file, again at each save'],
    ['wonderland scenario run --isolated --report html=report.html', 'all, on a fresh stack'],
  ]);
}

function registerReaders(scenario: Command, context: CommandContext): void {
  const list = scenario
    .command('list')
    .description('Show all scenarios and what each is about.')
    .option('--tag <tag>', 'only those with this tag or in this folder; may be repeated', words)
    .action(async (flags: Pick<RunFlags, 'tag'>) => {
      const { runScenarioList } = await import('./scenario/list.ts');
      await runScenarioList({ tags: flags.tag ?? [] }, context);
    });
  const validate = scenario
    .command('validate')
    .description('Check scenario files without running them. Exit 7: there are mistakes.')
    .argument('[scenarios...]', 'names or files; all when there are none')
    .action(async (names: readonly string[]) => {
      const { runScenarioValidate } = await import('./scenario/validate.ts');
      await runScenarioValidate({ names }, context);
    });
  withExamples(list, [
    ['wonderland scenario list', 'what there is to see'],
    ['wonderland scenario list --tag payment', 'what is about payment'],
  ]);
  withExamples(validate, [
    ['wonderland scenario validate', 'all of them'],
    ['wonderland scenario validate my-scenario.yaml', 'a file, with the line of each mistake'],
  ]);
}

function registerShow(scenario: Command, context: CommandContext): void {
  const show = values(
    scenario
      .command('show')
      .description('Show the plan of a scenario: what it does and what must hold.')
      .argument('<scenario>', 'a name or a file')
      .option('--dry', 'show what would be done on this machine, and how it is undone'),
  ).action(async (name: string, flags: ShowFlags) => {
    const { runScenarioShow } = await import('./scenario/show.ts');
    const { var: variables = [], seed, repeat } = flags;
    const isDry = flags.dry === true;
    await runScenarioShow({ name, variables, seed, repeat, isDry, ...placeOf(flags) }, context);
  });
  withExamples(show, [
    ['wonderland scenario show payment-failure', 'what it does, step by step'],
    ['wonderland scenario show mediator-crash --dry', 'which parts would be touched, and how'],
    ['wonderland scenario show my-scenario.yaml --var reason=lost_card', 'a file, with a value'],
  ]);
}

function registerNew(scenario: Command, context: CommandContext): void {
  const make = scenario
    .command('new')
    .description('Write a scenario that passes as it is, with comments. Asks in a terminal.')
    .argument('[file]', 'where; ./scenarios/<name>.yaml when there is none')
    .option('--name <name>', 'what it is called, for example my-first')
    .option('--kind <kind>', 'what goes wrong in it, for example payment-declined')
    .option('--about <text>', 'what it shows, in a sentence')
    .option('--book <n>', 'the number of the book', wholeNumber('--book', 1, 999_999_999))
    .action(
      async (
        file: string | undefined,
        flags: { name?: string; kind?: string; about?: string; book?: number },
      ) => {
        const { runScenarioNew } = await import('./scenario/new.ts');
        await runScenarioNew({ file, ...flags }, context);
      },
    );
  withExamples(make, [
    ['wonderland scenario new', 'asks for everything'],
    [
      'wonderland scenario new --name lost-answer --kind lost-reply --about "Nobody pays twice." --book 42',
      'without questions',
    ],
  ]);
}

function registerHeal(scenario: Command, context: CommandContext): void {
  const heal = scenario
    .command('heal')
    .description(
      'Undo every fault: disarm them, bring parts back, remove what killed commands left. Safe to repeat.',
    )
    .action(async () => {
      const { runScenarioHeal } = await import('./scenario/heal.ts');
      await runScenarioHeal(context);
    });
  withExamples(heal, [
    ['wonderland scenario heal', 'after a command was killed while it played'],
    ['wonderland scenario heal --stack other', 'another stack'],
  ]);
}

/** What every run of a scenario can be given, and where it is played. */
function values(command: Command): Command {
  return command
    .option('--var <name=value>', 'replace a variable of the scenario; may be repeated', words)
    .option('--seed <n>', 'of every draw, instead of its own', wholeNumber('--seed', 0, MAX_SEED))
    .option(
      '--repeat <n>',
      'so many runs, each with the next seed',
      wholeNumber('--repeat', 1, MAX_REPEAT),
    )
    .option('--isolated', 'on a stack of their own, even when one is running')
    .option('--engine <engine>', 'of that stack: embedded or external');
}

function placeOf({ isolated, engine }: Pick<RunFlags, 'isolated' | 'engine'>) {
  return { isolated: isolated === true, engine };
}
