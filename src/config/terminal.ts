/** What the environment says about terminals: read here because only config/ may look at it, and without a schema because help must be fast. */

export interface TerminalEnvironment {
  /** FORCE_COLOR: true, false, or undefined when it is not set. */
  readonly forceColor: boolean | undefined;
  /** NO_COLOR is set to anything but the empty string (no-color.org). */
  readonly noColor: boolean;
  /** TERM=dumb: no colour, no cursor movement. */
  readonly dumb: boolean;
  /** COLUMNS, for output that is not a terminal but wants to be cut to a width. */
  readonly columns: number | undefined;
}

/** Reads the terminal's variables; what makes no sense counts as not set. */
export function readTerminalEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): TerminalEnvironment {
  const force = environment['FORCE_COLOR'];
  const columns = Number(environment['COLUMNS']);
  return {
    forceColor: force === undefined ? undefined : force !== '0' && force !== 'false',
    noColor: (environment['NO_COLOR'] ?? '') !== '',
    dumb: environment['TERM'] === 'dumb',
    columns: Number.isInteger(columns) && columns > 0 ? columns : undefined,
  };
}
