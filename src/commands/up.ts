/** `wonderland up`: starts the stack and waits until it is truly ready. */
import { Option, type Command } from 'commander';

import { UserError } from '../kernel/errors.ts';
import type { Scale } from '../stack/instances.ts';
import { duration, wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

const ENGINES = ['auto', 'embedded', 'external'];
const DEFAULT_TIMEOUT_MS = 60_000;

interface Flags {
  readonly engine: string;
  readonly foreground?: boolean;
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  readonly scale?: Scale;
  readonly portOffset?: number;
  readonly ports?: string;
  readonly timeout: number;
}

export function register(program: Command, context: CommandContext): void {
  const up = program
    .command('up')
    .description(
      'Start the stack and wait until it is truly ready. A stack that runs is left as it is, but for --scale.',
    )
    .option('--engine <name>', `where it runs: ${ENGINES.join(', ')}`, 'auto')
    .option('--foreground', 'stay, and stop the stack with this command')
    .option('--only <parts>', 'only these services, comma-separated', list)
    .option('--except <parts>', 'all but these services', list)
    .option(
      '--scale <service=n>',
      'several of a service (mediator=2,customer=2), may be repeated; a running stack is changed',
      scale,
    )
    .option('--port-offset <n>', 'add n to every port', wholeNumber('--port-offset', 0, 61_000))
    .addOption(new Option('--ports <how>', '"auto": any free ports').choices(['auto']))
    .addOption(
      new Option('--timeout <duration>', 'how long to wait for readiness')
        .argParser(patience)
        .default(DEFAULT_TIMEOUT_MS, '60s'),
    )
    .action(async (flags: Flags) => {
      const { runUp } = await import('./stack/up.ts');
      const { timeout, portOffset, ports, ...rest } = flags;
      await runUp(
        { ...rest, timeoutMs: timeout, ports: { offset: portOffset, auto: ports === 'auto' } },
        context,
      );
    });
  withExamples(up, [
    ['wonderland up', 'broker, databases, services and mediator, with nothing to install'],
    ['wonderland up --except payment', 'leave payment out, to run it in a debugger'],
    [
      'wonderland up --scale mediator=2',
      'two mediators, on a running stack too; one may be killed',
    ],
    [
      'wonderland up --stack many --port-offset 100 --scale inventory=2,payment=2',
      'a new stack, because these two keep their data in PostgreSQL then and not in files',
    ],
    ['wonderland up --stack b --port-offset 100', 'a second stack beside the first'],
  ]);
}

/** No time at all would stop the stack that it has just begun to start. */
function patience(text: string): number {
  const ms = duration(text);
  if (ms > 0) return ms;
  throw new UserError('usage', '--timeout must be more than nothing', {
    hint: 'For example --timeout 60s.',
  });
}

/** Instances are called `mediator`, `mediator-2`, …; how many there may be, the stack knows. */
function scale(text: string, previous: Scale = {}): Scale {
  const entries = list(text).map((word): [string, number] => {
    const found = /^([a-z]+)=(\d{1,4})$/.exec(word);
    if (found !== null) return [found[1] ?? '', Number(found[2])];
    throw new UserError('usage', `--scale does not understand "${word}"`, {
      hint: 'Write a service and a number: --scale mediator=2,inventory=2.',
    });
  });
  return { ...previous, ...Object.fromEntries(entries) };
}

function list(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
}
