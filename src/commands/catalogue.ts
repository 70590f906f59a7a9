/** Every command: its name, its line in the help, and how to load it. Adding a command is one entry here. */
import type { Command } from 'commander';

import type { CommandContext } from './context.ts';

/** What a command's file exports. Declares only: the body is imported when the command runs. */
export interface CommandModule {
  register(program: Command, context: CommandContext): void;
}

export interface CommandEntry {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** Heading in the help; `hidden` commands are for the machine. */
  readonly group: 'shop' | 'stack' | 'watch' | 'parts' | 'more' | 'hidden';
  /** One line, without a full stop. */
  readonly about: string;
  readonly load: () => Promise<CommandModule>;
}

export const GROUP_TITLES: ReadonlyArray<readonly [CommandEntry['group'], string]> = [
  ['stack', 'Run the stack'],
  ['shop', 'Use the shop'],
  ['watch', 'See what happened'],
  ['parts', 'Run one part in this process'],
  ['more', 'More'],
];

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'up',
    group: 'stack',
    about: 'start the stack and wait until it is truly ready',
    load: () => import('./up.ts'),
  },
  {
    name: 'down',
    group: 'stack',
    about: 'stop the stack; its data is kept',
    load: () => import('./down.ts'),
  },
  {
    name: 'ps',
    aliases: ['status'],
    group: 'stack',
    about: 'every part with its state and health',
    load: () => import('./ps.ts'),
  },
  {
    name: 'restart',
    group: 'stack',
    about: 'restart one part',
    load: () => import('./restart.ts'),
  },
  {
    name: 'kill',
    group: 'stack',
    about: 'kill a part as a crash would; it is started again',
    load: () => import('./kill.ts'),
  },
  {
    name: 'pause',
    group: 'stack',
    about: 'freeze a part, as if it hung',
    load: () => import('./pause.ts'),
  },
  {
    name: 'resume',
    group: 'stack',
    about: 'let a paused part go on',
    load: () => import('./resume.ts'),
  },
  {
    name: 'wait',
    group: 'stack',
    about: 'wait until the stack, or some parts, are ready',
    load: () => import('./wait.ts'),
  },
  {
    name: 'env',
    group: 'stack',
    about: 'connection settings for other programs',
    load: () => import('./env.ts'),
  },
  {
    name: 'doctor',
    group: 'stack',
    about: 'check the machine and the stack, with a fix for each problem',
    load: () => import('./doctor.ts'),
  },
  {
    name: 'reset',
    group: 'stack',
    about: 'stop the stack and remove its data',
    load: () => import('./reset.ts'),
  },
  {
    name: 'service',
    group: 'parts',
    about: 'one service in this process, for a debugger',
    load: () => import('./service.ts'),
  },
  {
    name: 'mediator',
    group: 'parts',
    about: 'the mediator in this process, for a debugger',
    load: () => import('./mediator.ts'),
  },
  {
    name: 'broker',
    group: 'hidden',
    about: 'the broker of an embedded stack',
    load: () => import('./broker.ts'),
  },
  {
    name: 'postgres',
    group: 'hidden',
    about: 'the database of an embedded stack',
    load: () => import('./postgres.ts'),
  },
  {
    name: 'order',
    group: 'shop',
    about: 'place an order and follow it live; order show, cancel <id>',
    load: () => import('./order.ts'),
  },
  {
    name: 'orders',
    group: 'shop',
    about: 'the newest orders and where they stand',
    load: () => import('./orders.ts'),
  },
  {
    name: 'books',
    group: 'shop',
    about: 'the catalogue with prices and stock',
    load: () => import('./books.ts'),
  },
  {
    name: 'customers',
    aliases: ['customer'],
    group: 'shop',
    about: 'customers with their order history',
    load: () => import('./customers.ts'),
  },
  {
    name: 'inbox',
    group: 'shop',
    about: 'the mails that were sent',
    load: () => import('./inbox.ts'),
  },
  {
    name: 'scenario',
    group: 'watch',
    about: 'break the shop on purpose and prove that nothing is lost',
    load: () => import('./scenario.ts'),
  },
  {
    name: 'fault',
    group: 'watch',
    about: 'let something go wrong by hand: set, list, clear',
    load: () => import('./fault.ts'),
  },
  {
    name: 'check',
    group: 'watch',
    about: 'judge a recorded scenario run again, without running it',
    load: () => import('./check.ts'),
  },
  {
    name: 'logs',
    group: 'watch',
    about: 'what all parts said, filtered and followed',
    load: () => import('./logs.ts'),
  },
  {
    name: 'trace',
    group: 'watch',
    about: 'one order as a waterfall of everything it caused',
    load: () => import('./trace.ts'),
  },
  {
    name: 'dlq',
    group: 'watch',
    about: 'dead letters: list, show, retry, drop',
    load: () => import('./dlq.ts'),
  },
  {
    name: 'completion',
    group: 'more',
    about: 'completion for bash, zsh, fish or powershell',
    load: () => import('./completion.ts'),
  },
  {
    name: '__complete',
    group: 'hidden',
    about: 'candidates for the last word',
    load: () => import('./complete.ts'),
  },
];

/** The command of a name or alias. */
export function findCommand(name: string): CommandEntry | undefined {
  return COMMANDS.find((each) => each.name === name || each.aliases?.includes(name) === true);
}

/** Names and aliases that people may type. */
export function commandNames(): readonly string[] {
  return COMMANDS.filter((each) => each.group !== 'hidden').flatMap((each) => [
    each.name,
    ...(each.aliases ?? []),
  ]);
}
