/** Turns anything thrown into what the user sees and what the process ends with. */
import { CommanderError } from 'commander';

import { BugError, messageOf, UserError, WonderlandError } from '../kernel/errors.ts';
import { adviceReplacer, type Spell } from './advice.ts';
import type { Paint } from './palette.ts';
import { wrap } from './wrapping.ts';

/** Thrown by commander after it has printed what was asked for: nothing more to say. */
const PRINTED = new Set(['commander.helpDisplayed', 'commander.version']);

const PERMISSION = new Set(['EACCES', 'EPERM', 'EROFS']);
const MACHINE = new Set(['ENOSPC', 'EMFILE', 'ENFILE', 'ENOMEM']);

export function isAlreadyPrinted(error: unknown): boolean {
  return error instanceof CommanderError && PRINTED.has(error.code);
}

/** The Wonderland error behind anything thrown; what nobody foresaw is our bug. */
export function classify(error: unknown, command: string): WonderlandError {
  if (error instanceof WonderlandError) return error;
  if (error instanceof CommanderError) return usageOf(error, command);
  if (error instanceof Error && isInterruption(error)) {
    return new UserError('interrupted', 'Stopped.', { cause: error });
  }
  const system = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (PERMISSION.has(system)) {
    return new UserError('permission', messageOf(error), {
      hint: 'Give yourself access, or set WONDERLAND_STATE_DIR to a directory that you may write.',
      cause: error,
    });
  }
  if (MACHINE.has(system)) return new UserError('environment', messageOf(error), { cause: error });
  return new BugError(messageOf(error), { cause: error });
}

/** Ctrl-C at a prompt, or a wait that our own abort signal ended. */
function isInterruption(error: Error): boolean {
  return error.name === 'ExitPromptError' || error.name === 'AbortError';
}

function usageOf(error: CommanderError, command: string): UserError {
  const help = `See \`wonderland ${command === '' ? 'help' : `${command} --help`}\`.`;
  if (error.code === 'commander.help') {
    return new UserError('usage', `"${command}" needs a subcommand.`, { hint: help });
  }
  const [first = '', second = ''] = error.message.replace(/^error: /, '').split('\n');
  const suggestion = second.replace(/^\(/, '').replace(/\)$/, '');
  return new UserError('usage', sentenceOf(first), {
    hint: suggestion === '' ? help : `${suggestion} ${help}`,
  });
}

/** Commander's fragments, as sentences like ours. */
function sentenceOf(fragment: string): string {
  const text = fragment
    .replace(/^unknown option '(.*)'$/, 'there is no option $1')
    .replace(/^missing required argument '(.*)'$/, '<$1> is missing')
    .replace(/^option '(.*)' argument missing$/, '$1 needs a value')
    .replace(
      /^(too many arguments) for '(.*)'\. Expected (\d+).* but got (\d+).*$/,
      '$1: "$2" takes $3, not $4',
    )
    .replace(/\.$/, '');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** What went wrong, on one line: a whole JSON document, and also the last item of a stream. */
export function failureDocument(
  error: WonderlandError,
  { command, spell }: { readonly command: string; readonly spell: Spell },
): string {
  const document = {
    command,
    status: 'error',
    error: {
      code: error.code,
      message: error.message,
      hint: error.hint ?? null,
      retryable: error.retryable,
      details: error.details,
    },
  };
  return `${JSON.stringify(document, adviceReplacer(spell))}\n`;
}

export interface FailureTextOptions {
  readonly verbose: boolean;
  readonly paint: Paint;
  readonly spell: Spell;
  /** Characters in a line; undefined when nothing has to be broken. */
  readonly columns: number | undefined;
}

/** Message and hint for people; the stack only when asked for, or when the fault is ours. */
export function failureText(error: WonderlandError, options: FailureTextOptions): string {
  const { paint, verbose, spell, columns } = options;
  const isOurs = error instanceof BugError;
  const lines = [`${paint('bad', isOurs ? '✖ defect:' : '✖')} ${error.message}`];
  if (error.hint !== undefined) lines.push(`  ${error.hint}`);
  if (isOurs)
    lines.push('  This is a defect of Wonderland; please report it with the lines below.');
  const text = wrap(spell(lines.join('\n')), columns);
  const stack = isOurs || verbose ? `\n${paint('quiet', stackOf(error))}` : '';
  return `${text}${stack}\n`;
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${stackOf(error.cause)}`;
}
