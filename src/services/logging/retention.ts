/** How much the log store keeps, and how much of the oldest goes when there is more. */

export interface LogLimits {
  readonly maxRows: number;
  /** Of the database file's pages in use. */
  readonly maxBytes: number;
}

export const LOG_LIMITS: LogLimits = { maxRows: 1_000_000, maxBytes: 1_073_741_824 };

/** Rows deleted at a time: few enough not to hold up a commit, many enough not to do it every time. */
export const CHUNK_ROWS = 2_000;

/** How many of the oldest rows are to be deleted now; too much for one chunk goes with the next commits. */
export function rowsToDrop(
  { rows, bytes }: { readonly rows: number; readonly bytes: number },
  { maxRows, maxBytes }: LogLimits,
): number {
  const isOver = rows > maxRows || bytes > maxBytes;
  return isOver ? Math.min(CHUNK_ROWS, rows) : 0;
}
