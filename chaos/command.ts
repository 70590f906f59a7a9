/** What the chaos commands have in common: Ctrl-C, seeds, where to run, and how they end. */
import { readFileSync } from 'node:fs';
import { inspect, parseArgs, type ParseArgsConfig } from 'node:util';

import { readSettings } from '../src/config/settings.ts';
import { messageOf, WonderlandError } from '../src/kernel/errors.ts';
import { liveRandom } from '../src/kernel/live.ts';
import type { Servers } from './stack/chaos-stack.ts';

/** The checks hold; one does not; a fault never fired, so that nothing is proven. */
export const EXIT = { proven: 0, violated: 10, inconclusive: 12, interrupted: 130 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface Ports {
  readonly print: (text: string) => void;
  /** Aborts at Ctrl-C: finish what is under way, and clean up. */
  readonly signal: AbortSignal;
}

/** As of every command of ours. */
const USAGE = 2;

/** Runs a command to its end and sets the exit code. What it opened with `await using` is closed before. */
export async function runCommand(run: (ports: Ports) => Promise<ExitCode>): Promise<void> {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => stop.abort());
  }
  try {
    const code = await run({
      print: (text) => void process.stdout.write(`${text}\n`),
      signal: stop.signal,
    });
    process.exitCode = stop.signal.aborted ? EXIT.interrupted : code;
  } catch (error) {
    process.stderr.write(
      `${error instanceof WonderlandError ? messageOf(error) : inspect(error)}\n`,
    );
    process.exitCode = stop.signal.aborted ? EXIT.interrupted : 1;
  }
}

export function readFlags<T extends NonNullable<ParseArgsConfig['options']>>(options: T) {
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(`${usage()}\n`);
    process.exit(EXIT.proven);
  }
  try {
    return parseArgs({ options, strict: true }).values;
  } catch (error) {
    return refuse(messageOf(error));
  }
}

/** What the command's file says of itself: its first comment. */
function usage(): string {
  const source = readFileSync(process.argv[1] ?? '', 'utf8');
  const [, comment = ''] = /\/\*\*([\s\S]*?)\*\//.exec(source) ?? [];
  return comment.replaceAll(/^ *\* ?/gm, '').trim();
}

/** A mistake on the command line: nothing has begun. */
function refuse(message: string): never {
  process.stderr.write(`${message}\n\n${usage()}\n`);
  process.exit(USAGE);
}

/** As given, or a fresh one to be printed. */
export function seedOf(text: string | undefined): number {
  const seed = text === undefined ? liveRandom.integer(1, 1_000_000) : Number(text);
  if (!Number.isInteger(seed)) refuse(`--seed takes a whole number, not ${text}`);
  return seed;
}

/** The servers that the environment names; ours for what it does not. */
export function serversOf(): Servers {
  const { amqpUrl, databaseUrl } = readSettings();
  return { amqpUrl, databaseUrl };
}
