/** What may stand in the place of the word that is being typed. */
import { Command, type Argument, type Option } from 'commander';

import { COMMANDS, findCommand } from '../catalogue.ts';
import type { CommandContext } from '../context.ts';
import { commandIndex, GLOBAL_FLAGS } from '../globals.ts';
import { candidatesOf, type Candidate } from './values.ts';

/** Prints candidates that begin with the last word; silence means that there are none. */
export async function runComplete(
  words: readonly string[],
  context: CommandContext,
): Promise<void> {
  const typed = words.length === 0 ? [''] : words;
  const last = typed.at(-1) ?? '';
  const found = await candidates(typed, context);
  const lines = found
    .filter(({ value }) => value.startsWith(last))
    .map(({ value, about }) => (about === undefined ? value : `${value}\t${about}`));
  for (const line of lines) context.output.item(line, () => line);
}

async function candidates(
  words: readonly string[],
  context: CommandContext,
): Promise<readonly Candidate[]> {
  const before = words.slice(0, -1);
  const index = commandIndex(before);
  const entry = findCommand(before[index] ?? '');
  if (index === -1) return [...visibleCommands(), ...globalFlags()];
  if (before[index] === 'help') return visibleCommands();
  if (entry === undefined) return [];
  const program = new Command('wonderland');
  (await entry.load()).register(program, context);
  const { command, rest } = descend(program.commands[0] ?? program, before.slice(index + 1));
  return ofCommand({ command, before: rest, last: words.at(-1) ?? '', context });
}

/** Follows subcommands as far as they were typed. */
function descend(
  command: Command,
  words: readonly string[],
): { command: Command; rest: readonly string[] } {
  const [first = '', ...rest] = words;
  const next = command.commands.find((each) => each.name() === first);
  return next === undefined ? { command, rest: words } : descend(next, rest);
}

interface Place {
  readonly command: Command;
  readonly before: readonly string[];
  readonly last: string;
  readonly context: CommandContext;
}

async function ofCommand(place: Place): Promise<readonly Candidate[]> {
  const { command, before, last, context } = place;
  const waiting = optionOf(command, before.at(-1) ?? '');
  if (waiting !== undefined) return candidatesOf(waiting.long ?? '', context);
  if (last.startsWith('-')) return [...command.options.map(flagOf), ...globalFlags()];
  const argument = argumentAt(command, before);
  const values =
    argument === undefined ? [] : await candidatesOf(argumentKey(command, argument), context);
  const subcommands = command.commands.map((each) => ({
    value: each.name(),
    about: each.description(),
  }));
  const found = [...subcommands, ...values];
  return found.length === 0 ? command.options.map(flagOf) : found;
}

/** The option that the next word would be the value of. */
function optionOf(command: Command, word: string): Option | undefined {
  if (word === '--stack') return new Command().createOption('--stack <name>');
  return command.options.find(
    (option) =>
      (option.required || option.optional) && (option.long === word || option.short === word),
  );
}

/** The argument at the place of the last word, not counting flags and their values. */
function argumentAt(command: Command, before: readonly string[]): Argument | undefined {
  const words = before.filter(
    (word, index) =>
      !word.startsWith('-') && optionOf(command, before[index - 1] ?? '') === undefined,
  );
  const { registeredArguments: all } = command;
  return all[words.length] ?? (all.at(-1)?.variadic === true ? all.at(-1) : undefined);
}

/** `order show <id>`: what an id is depends on the command. */
function argumentKey(command: Command, argument: Argument): string {
  const parent = command.parent?.name() ?? '';
  const path = parent === 'wonderland' ? command.name() : `${parent} ${command.name()}`;
  return `${path} <${argument.name()}>`;
}

function visibleCommands(): readonly Candidate[] {
  const shown = COMMANDS.filter((each) => each.group !== 'hidden');
  return [...shown.map(({ name, about }) => ({ value: name, about })), { value: 'help' }];
}

function flagOf(option: Option): Candidate {
  return { value: option.long ?? option.flags, about: option.description };
}

function globalFlags(): readonly Candidate[] {
  return GLOBAL_FLAGS.map(([flags, about]) => ({ value: flags.split(' ')[0] ?? flags, about }));
}
