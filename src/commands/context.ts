/** Everything a command may use of the outside world, handed in by cli.ts. */
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Random } from '../kernel/random.ts';
import type { Spell } from './advice.ts';
import type { GlobalOptions } from './globals.ts';
import type { Output } from './output.ts';
import type { Terminal } from './terminal.ts';

export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

export interface CommandContext {
  readonly globals: GlobalOptions;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  /** Aborted by the first Ctrl-C, TERM or HUP, and when the reader of stdout went away: stop what this command owns. */
  readonly signal: AbortSignal;
  /** TERM was how this command is meant to end, and it has closed everything: it then ends with 0. */
  closed(): void;
  /** Aborted by the second Ctrl-C: stop waiting; the process ends within a second. */
  readonly forced: AbortSignal;
  readonly terminal: Terminal;
  /** For libraries that talk to a terminal themselves; everything else goes through `output`. */
  readonly streams: Streams;
  readonly output: Output;
  /** Of the program, for what it writes down. */
  version(): string;
  /** Spells the commands in texts that do not go through `output`. */
  readonly spell: Spell;
  /**
   * The settings of the environment with --stack on top; the schema is loaded at the first call.
   * @throws UserError `invalid-config`
   */
  settings(): Promise<Settings>;
}
