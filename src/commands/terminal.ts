/** Facts about the three standard streams, decided for each on its own. */
import type { TerminalEnvironment } from '../config/terminal.ts';

/** The part of a Node stream that output needs; a test brings its own. */
export interface TextStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): boolean;
}

export interface StreamFacts {
  readonly isTerminal: boolean;
  /** Lines may be redrawn in place. */
  readonly isLive: boolean;
  /** Characters in a line; undefined when nothing has to be cut. */
  readonly columns: number | undefined;
  readonly hasColour: boolean;
}

export interface Terminal {
  /** Somebody can answer: all three streams are terminals (questions go to stderr). */
  readonly canAsk: boolean;
  readonly out: StreamFacts;
  readonly err: StreamFacts;
}

/** `--color` beats FORCE_COLOR, which beats NO_COLOR, TERM=dumb and at last the terminal. */
export function wantsColour(
  flag: boolean | undefined,
  environment: TerminalEnvironment,
  isTerminal: boolean,
): boolean {
  if (flag !== undefined) return flag;
  if (environment.forceColor !== undefined) return environment.forceColor;
  return isTerminal && !environment.noColor && !environment.dumb;
}

/** Everything that is known about one output stream. */
export function factsOf(
  stream: Pick<TextStream, 'isTTY' | 'columns'>,
  environment: TerminalEnvironment,
  flag: boolean | undefined,
): StreamFacts {
  const isTerminal = stream.isTTY === true;
  // Pseudo-terminals that nobody looks at (script, some CI) have no size: nothing can be redrawn there.
  const hasSize = stream.columns !== 0;
  return {
    isTerminal,
    isLive: isTerminal && hasSize && !environment.dumb,
    columns: environment.columns ?? (isTerminal && hasSize ? stream.columns : undefined),
    hasColour: wantsColour(flag, environment, isTerminal),
  };
}
