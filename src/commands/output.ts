/** Where a command speaks: results to stdout as text or JSON, everything else to stderr. */
import type { Clock } from '../kernel/clock.ts';
import { adviceReplacer, type Spell } from './advice.ts';
import type { Paint } from './palette.ts';
import type { StreamFacts, TextStream } from './terminal.ts';
import type { Progress } from './progress.ts';
import { wrap } from './wrapping.ts';

export interface Output {
  /** --json: stdout carries JSON only. */
  readonly json: boolean;
  /** Paints for stdout. */
  readonly paint: Paint;
  /** Paints for stderr. */
  readonly paintNote: Paint;
  /** Characters in a line of stdout; undefined when nothing has to be cut. */
  readonly columns: number | undefined;
  /**
   * The one result of a command: text for people, or `{command, status: "ok", result}`.
   * A command with a result calls this exactly once, as its last act.
   */
  result(value: unknown, render: () => string): void;
  /** One item of a stream: a line for people, or one line of JSON. */
  item(value: unknown, render: () => string): void;
  /** Text that only people get, for example a report before a failure is thrown. */
  text(text: string): void;
  /** A line on stderr. */
  note(text: string): void;
  /** A warning on stderr, with the word in front. */
  warn(text: string): void;
  /** The next useful command, on stderr. */
  hint(text: string): void;
  /** Live progress on stderr: redrawn in a terminal, plain lines elsewhere. */
  progress(): Promise<Progress>;
}

export interface OutputOptions {
  /** The command's name as JSON reports it, e.g. `order show`. */
  readonly command: () => string;
  readonly json: boolean;
  readonly out: TextStream;
  readonly err: TextStream;
  readonly outFacts: StreamFacts;
  readonly errFacts: StreamFacts;
  readonly paint: Paint;
  readonly paintNote: Paint;
  readonly clock: Clock;
  /** Spells the commands in advice as they work here. */
  readonly spell: Spell;
}

/** The live adapter over two streams. */
export function openOutput(options: OutputOptions): Output {
  const { json, out, err, paint, paintNote, spell } = options;
  const forPeople = (text: string): string => wrap(spell(text), options.errFacts.columns);
  const say = (line: string): void => void err.write(`${line}\n`);
  const write = (text: string): void => void out.write(text.endsWith('\n') ? text : `${text}\n`);
  return {
    json,
    paint,
    paintNote,
    columns: options.outFacts.columns,
    result(value, render) {
      if (json) {
        const document = { command: options.command(), status: 'ok', result: value };
        return write(JSON.stringify(document, adviceReplacer(spell), 2));
      }
      const text = spell(render());
      if (text !== '') write(text);
    },
    item: (value, render) => write(json ? JSON.stringify(value) : render()),
    text: (text) => (json ? undefined : write(spell(text))),
    note: (text) => say(forPeople(text)),
    warn: (text) => say(forPeople(`${paintNote('warning', 'warning:')} ${text}`)),
    hint: (text) => (json ? undefined : say(paintNote('quiet', forPeople(text)))),
    async progress() {
      const { openProgress } = await import('./progress.ts');
      return openProgress({ stream: err, facts: options.errFacts, paint: paintNote, spell });
    },
  };
}
