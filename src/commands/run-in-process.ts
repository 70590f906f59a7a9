/** One run of the CLI inside a process: opens streams and signals, runs the command, reports how it ended. */
import { readInvocation } from '../config/invocation.ts';
import { readTerminalEnvironment } from '../config/terminal.ts';
import { liveClock, liveIds, liveRandom } from '../kernel/live.ts';
import { openSpelling } from './advice.ts';
import { commandNames } from './catalogue.ts';
import type { CommandContext } from './context.ts';
import { classify, failureDocument, failureText, isAlreadyPrinted } from './failure.ts';
import { commandIndex, parseGlobals } from './globals.ts';
import { openOutput } from './output.ts';
import { openPaint } from './palette.ts';
import { runProgram } from './program.ts';
import { openInterrupts, type Interrupts } from './signals.ts';
import { factsOf, type Terminal } from './terminal.ts';

export interface RunOptions {
  /** Arguments without node and script. */
  readonly words: readonly string[];
  readonly process: NodeJS.Process;
  readonly version: () => string;
}

/** @returns the exit code. */
export async function runInProcess({ words, process, version }: RunOptions): Promise<number> {
  const announce = (text: string): void => void process.stderr.write(`${text}\n`);
  using interrupts = openInterrupts({ process, clock: liveClock, announce });
  const readers = watchReaders(process, interrupts);
  let command = words[commandIndex(words)] ?? '';
  const context = await openContext({
    words,
    process,
    interrupts,
    version,
    command: () => command,
  });
  try {
    if (asksForVersion(words)) {
      command = 'version';
      context.output.result({ version: version() }, version);
      return 0;
    }
    await runProgram({
      words,
      context,
      err: process.stderr,
      onCommand: (name) => (command = name),
    });
    return interrupts.exitCode() ?? 0;
  } catch (error) {
    if (isAlreadyPrinted(error) || readers.haveGone()) return 0;
    const stopped = interrupts.exitCode();
    const failure = classify(error, command);
    const { spell } = context;
    if (context.output.json) process.stdout.write(failureDocument(failure, { command, spell }));
    else if (stopped === undefined || failure.hint !== undefined) {
      const { paintNote: paint } = context.output;
      const { columns } = context.terminal.err;
      const { verbose } = context.globals;
      process.stderr.write(failureText(failure, { verbose, paint, spell, columns }));
    }
    return stopped ?? failure.exit;
  }
}

function asksForVersion(words: readonly string[]): boolean {
  const flags = ['--version', '-V'];
  return commandIndex(words) === -1 && words.some((word) => flags.includes(word));
}

/** A reader that closed its end (`| head`) is no failure: stop quietly. */
function watchReaders(process: NodeJS.Process, interrupts: Interrupts): { haveGone(): boolean } {
  let gone = false;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
      gone = true;
      interrupts.stop();
    });
  }
  return { haveGone: () => gone };
}

interface ContextOptions {
  readonly words: readonly string[];
  readonly process: NodeJS.Process;
  readonly interrupts: Interrupts;
  readonly version: () => string;
  readonly command: () => string;
}

async function openContext(options: ContextOptions): Promise<CommandContext> {
  const { words, process, interrupts, command } = options;
  const globals = parseGlobals(words);
  const terminal = openTerminal(process, globals.colour);
  const spell = openSpelling(readInvocation({ stack: globals.stack }), commandNames());
  const output = openOutput({
    command,
    json: globals.json,
    out: process.stdout,
    err: process.stderr,
    outFacts: terminal.out,
    errFacts: terminal.err,
    paint: await openPaint(terminal.out.hasColour),
    paintNote: await openPaint(terminal.err.hasColour),
    clock: liveClock,
    spell,
  });
  return {
    globals,
    terminal,
    output,
    spell,
    version: options.version,
    streams: process,
    clock: liveClock,
    ids: liveIds,
    random: liveRandom,
    signal: interrupts.stopping,
    forced: interrupts.forced,
    closed: () => interrupts.expectTerm(),
    async settings() {
      const { readCommandSettings } = await import('../config/command-settings.ts');
      return readCommandSettings({ stack: globals.stack });
    },
  };
}

function openTerminal(process: NodeJS.Process, colour: boolean | undefined): Terminal {
  const environment = readTerminalEnvironment();
  return {
    // Asked when it matters: opening stdin costs every start a few milliseconds.
    get canAsk() {
      return [process.stdin, process.stdout, process.stderr].every((stream) => stream.isTTY);
    },
    out: factsOf(process.stdout, environment, colour),
    err: factsOf(process.stderr, environment, colour),
  };
}
