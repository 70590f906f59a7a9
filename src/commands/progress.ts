/** Live progress on stderr: ora in a terminal, one plain line for each change elsewhere. */
import type { Spell } from './advice.ts';
import type { Paint, Tone } from './palette.ts';
import type { StreamFacts, TextStream } from './terminal.ts';
import { wrap } from './wrapping.ts';

/** A symbol and a tone for each kind of step; the symbol carries the meaning where there is no colour. */
const MARKS = {
  done: ['✔', 'good'],
  failed: ['✖', 'bad'],
  undone: ['↩', 'warning'],
  warning: ['!', 'warning'],
  info: ['·', 'quiet'],
} as const satisfies Record<string, readonly [string, Tone]>;
export type Mark = keyof typeof MARKS;

export interface Progress extends Disposable {
  /** What is being waited for now, possibly in several lines; only a live terminal shows it. */
  update(text: string): void;
  /** Something has happened: a line that stays, in a terminal and elsewhere. */
  step(mark: Mark, text: string): void;
  /** Ends the live line; disposing does the same. Twice is harmless. */
  stop(): void;
}

export interface ProgressOptions {
  readonly stream: TextStream;
  readonly facts: StreamFacts;
  readonly paint: Paint;
  readonly spell: Spell;
}

/** The line of a step, e.g. `✔ reserved  3 ms`. */
export function stepLine(mark: Mark, text: string, paint: Paint): string {
  const [symbol, tone] = MARKS[mark];
  return `${paint(tone, symbol)} ${text}`;
}

/** A step as it is written: spelled for this invocation, and broken for the width of the stream. */
function writeStep({ stream, facts, paint, spell }: ProgressOptions): Progress['step'] {
  return (mark, text) =>
    void stream.write(`${wrap(stepLine(mark, spell(text), paint), facts.columns)}\n`);
}

/** Starts without showing anything; the first update does. */
export async function openProgress(options: ProgressOptions): Promise<Progress> {
  return options.facts.isLive ? liveProgress(options) : plainProgress(options);
}

function plainProgress(options: ProgressOptions): Progress {
  return {
    update: () => undefined,
    step: writeStep(options),
    stop: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}

async function liveProgress(options: ProgressOptions): Promise<Progress> {
  const { stream, facts } = options;
  const writeLine = writeStep(options);
  const { default: ora } = await import('ora');
  const spinner = ora({
    stream: stream as NodeJS.WriteStream,
    discardStdin: false,
    color: facts.hasColour ? 'cyan' : false,
  });
  const stop = (): void => void spinner.stop();
  return {
    update(text) {
      spinner.text = text;
      if (!spinner.isSpinning) spinner.start();
    },
    step(mark, text) {
      const wasSpinning = spinner.isSpinning;
      spinner.stop();
      writeLine(mark, text);
      if (wasSpinning) spinner.start();
    },
    stop,
    [Symbol.dispose]: stop,
  };
}
