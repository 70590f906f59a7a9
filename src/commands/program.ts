/** Builds the commander program for one invocation: only the command that is asked for is loaded. */
import { Command, CommanderError } from 'commander';

import { UserError } from '../kernel/errors.ts';
import { suggest } from '../kernel/suggestion.ts';
import { commandNames, findCommand } from './catalogue.ts';
import type { CommandContext } from './context.ts';
import { commandIndex, GLOBAL_FLAGS } from './globals.ts';
import { configureHelp, exitCodes, exitCodesHelp, listCommands, withExamples } from './help.ts';
import type { TextStream } from './terminal.ts';

export interface ProgramOptions {
  /** Arguments without node and script. */
  readonly words: readonly string[];
  readonly context: CommandContext;
  readonly err: TextStream;
  /** Told the full name of the command before it runs, e.g. `order show`. */
  readonly onCommand: (name: string) => void;
}

/**
 * Runs what the words ask for.
 * @throws whatever the command throws, and CommanderError for what commander refuses.
 */
export async function runProgram(options: ProgramOptions): Promise<void> {
  const words = withoutHelpCommand(options.words);
  const program = openProgram(options);
  const index = commandIndex(words);
  const name = words[index];
  if (name === undefined) {
    options.onCommand('help');
    listCommands(program);
    await program.parseAsync(words.length === 0 ? ['--help'] : withHelp(words), { from: 'user' });
    return;
  }
  if (name === 'help') {
    options.onCommand('help exit-codes');
    return options.context.output.result({ exitCodes: exitCodes() }, exitCodesHelp);
  }
  const entry = findCommand(name);
  if (entry === undefined) throw unknownCommand(name);
  const command = await entry.load();
  command.register(program, options.context);
  try {
    await program.parseAsync(words.with(index, entry.name), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const asked = askedFor(program);
    options.onCommand(fullName(asked));
    throw isUnknownSubcommand(asked, error) ? unknownSubcommand(asked) : error;
  }
}

/** `help order` is `order --help`; `help exit-codes` stays. */
function withoutHelpCommand(words: readonly string[]): readonly string[] {
  const index = commandIndex(words);
  if (words[index] !== 'help' || words[index + 1] === 'exit-codes') return words;
  return [...words.slice(0, index), ...words.slice(index + 1), '--help'];
}

/** Only global flags, as in `wonderland --json`: there is nothing to do but to help. */
function withHelp(words: readonly string[]): readonly string[] {
  return words.includes('--help') || words.includes('-h') ? words : [...words, '--help'];
}

function openProgram({ context, err, onCommand }: ProgramOptions): Command {
  const program = new Command('wonderland')
    .description('An event-driven bookstore: run it, watch every message, break it on purpose.')
    .exitOverride()
    .helpCommand(false)
    .helpOption('-h, --help', 'show this help')
    .configureOutput({
      // Commander writes help and nothing else there; it ends the run, so it is the result.
      writeOut: (text) => context.output.result({ help: text }, () => text),
      writeErr: (text) => void (context.globals.json ? '' : err.write(text)),
      outputError: () => undefined,
      getOutHelpWidth: () => context.terminal.out.columns ?? 80,
      getErrHelpWidth: () => context.terminal.err.columns ?? 80,
      getOutHasColors: () => context.terminal.out.hasColour,
      getErrHasColors: () => context.terminal.err.hasColour,
    });
  for (const [flags, about] of GLOBAL_FLAGS) program.option(flags, about);
  program.option('-V, --version', 'print the version');
  configureHelp(program, context.output.paint);
  program.hook('preAction', (_program, action) => onCommand(fullName(action)));
  return withExamples(program, [
    ['wonderland up', 'start broker, databases, services and mediator here'],
    ['wonderland order --book 42', "order The Hitchhiker's Guide and watch the saga"],
    ['wonderland scenario run payment-failure', 'see how a declined card is undone'],
    ['wonderland logs -f', 'follow what all parts say'],
  ]);
}

/** The subcommand that the words lead to: advice is about that one. */
function askedFor(command: Command): Command {
  const next = command.commands.find((each) => each.name() === command.args[0]);
  return next === undefined ? command : askedFor(next);
}

/** For commander it is an argument too many, where the command can do something by itself. */
function isUnknownSubcommand(asked: Command, { code }: CommanderError): boolean {
  return code === 'commander.excessArguments' && asked.commands.length > 0;
}

function unknownSubcommand(asked: Command): UserError {
  const [word = ''] = asked.args;
  const name = fullName(asked);
  const known = asked.commands.map((each) => each.name());
  const advice = suggest(word, known) ?? '';
  return new UserError('usage', `"${name}" has no subcommand "${word}".`, {
    hint: `${advice} See \`wonderland ${name} --help\`.`.trim(),
    details: { subcommand: word },
  });
}

function fullName(command: Command): string {
  const names: string[] = [];
  for (let at: Command | null = command; at?.parent != null; at = at.parent)
    names.unshift(at.name());
  return names.join(' ');
}

function unknownCommand(name: string): UserError {
  return new UserError('usage', `There is no command "${name}".`, {
    hint: suggest(name, commandNames()) ?? 'See `wonderland help` for all commands.',
    details: { command: name },
  });
}
