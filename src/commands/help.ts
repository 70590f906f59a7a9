/** How help reads: what it does, examples first, then usage and options; fits narrow terminals. */
import { Help, type Command } from 'commander';

import { ERROR_CODES } from '../kernel/errors.ts';
import { COMMANDS, GROUP_TITLES } from './catalogue.ts';
import type { Paint } from './palette.ts';
import { wrap } from './wrapping.ts';

type Example = readonly [line: string, about: string];

const examples = new WeakMap<Command, readonly Example[]>();

/** Attaches examples to a command; its help shows them before everything else. Returns the command. */
export function withExamples(command: Command, list: readonly Example[]): Command {
  examples.set(command, list);
  return command;
}

/** Lists every command of the catalogue on the root program, without loading any of them. */
export function listCommands(program: Command): void {
  for (const [group, title] of GROUP_TITLES) {
    for (const entry of COMMANDS.filter((each) => each.group === group)) {
      const stub = program.command(entry.name).description(entry.about).helpGroup(`${title}:`);
      for (const alias of entry.aliases ?? []) stub.alias(alias);
    }
  }
}

/** Gives the program, and every command made from it, this way of showing help. */
export function configureHelp(program: Command, paint: Paint): void {
  program.configureHelp({
    showGlobalOptions: true,
    // The flags of `order` are not those of `order cancel`.
    visibleGlobalOptions: (command) => rootOf(command).options.filter((each) => !each.hidden),
    styleTitle: (title) => paint('strong', title),
    formatHelp: (command, helper) => formatHelp({ command, helper, paint }),
    formatItem: (term, termWidth, about, helper) => formatItem({ term, termWidth, about, helper }),
  });
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

interface HelpParts {
  readonly command: Command;
  readonly helper: Help;
  readonly paint: Paint;
}

function formatHelp({ command, helper, paint }: HelpParts): string {
  const about = helper.commandDescription(command);
  helper.commandDescription = () => '';
  const rest = Help.prototype.formatHelp.call(helper, command, helper);
  return [
    wrap(about, helper.helpWidth ?? 80),
    '',
    ...exampleLines({ command, helper, paint }),
    rest,
  ].join('\n');
}

function exampleLines({ command, helper, paint }: HelpParts): readonly string[] {
  const list = examples.get(command) ?? [];
  if (list.length === 0) return [];
  const width = (helper.helpWidth ?? 80) - 6;
  const lines = list.flatMap(([line, about]) => [
    `  ${line}`,
    paint('quiet', indented(wrap(about, width), 6)),
  ]);
  return [paint('strong', 'Examples:'), ...lines, ''];
}

/** Beside the term where there is room, else below it. */
const ROOM = 24;

interface ItemParts {
  readonly term: string;
  readonly termWidth: number;
  readonly about: string;
  readonly helper: Help;
}

function formatItem({ term, termWidth, about, helper }: ItemParts): string {
  const width = helper.helpWidth ?? 80;
  const indent = termWidth + 4;
  if (about === '') return `  ${term}`;
  if (width - indent < ROOM) return `  ${term}\n${indented(wrap(about, width - 6), 6)}`;
  const padded = `  ${term}${' '.repeat(Math.max(0, termWidth - helper.displayWidth(term)))}  `;
  return `${padded}${indented(wrap(about, width - indent), indent).trimStart()}`;
}

function indented(text: string, spaces: number): string {
  return text.replaceAll(/^/gm, ' '.repeat(spaces));
}

export interface ExitCode {
  readonly exit: number;
  readonly code: string;
  readonly meaning: string;
}

/** All ways in which a command ends, by exit code: from the one table of errors. */
export function exitCodes(): readonly ExitCode[] {
  const failures = Object.entries(ERROR_CODES).map(([code, { exit, meaning }]) => ({
    exit,
    code,
    meaning,
  }));
  return [
    { exit: 0, code: 'ok', meaning: 'it did what was asked' },
    ...failures,
    { exit: 143, code: 'terminated', meaning: 'stopped by SIGTERM' },
  ].toSorted((a, b) => a.exit - b.exit);
}

/** The text of `wonderland help exit-codes`. */
export function exitCodesHelp(): string {
  const lines = exitCodes().map(({ exit, code, meaning }, index, all) => {
    const number = all[index - 1]?.exit === exit ? '' : String(exit);
    return `${number.padStart(5)}  ${code.padEnd(21)} ${meaning}`;
  });
  return ['Exit codes, and the error codes that --json reports:', '', ...lines].join('\n');
}
