/** Prints log records from the store of the stack, and follows them. */
import type { LogRecord } from '../../contracts/logs.ts';
import { UserError } from '../../kernel/errors.ts';
import { openLogReader } from '../../services/logging/reader.ts';
import type { CommandContext } from '../context.ts';
import { endpointsOf } from '../stack-place.ts';
import { readFilter, type LogFlags } from './filter.ts';
import { formatRecord } from './line.ts';

export interface LogsOptions extends LogFlags {
  readonly follow?: boolean | undefined;
  /** The newest records; with a time and without a number all of them. */
  readonly lines?: number | undefined;
}

const DEFAULT_LINES = 100;
/** Of what a time alone selects: a million lines at once would serve nobody. */
const MAX_LINES = 100_000;

/** @throws UserError `usage`, and `stack-not-running` when nothing was ever logged. */
export async function runLogs(options: LogsOptions, context: CommandContext): Promise<void> {
  const { output, signal, clock } = context;
  const filter = readFilter(options, clock.now());
  const settings = await context.settings();
  using reader = openLogReader(endpointsOf(settings).logFile, clock);
  if (reader === undefined) throw nothingLogged(settings.stack);
  const hasTime = filter.since !== undefined || filter.until !== undefined;
  const limit = options.lines ?? (hasTime ? MAX_LINES : DEFAULT_LINES);
  const isOneOrder = filter.orderId !== undefined;
  const print = (record: LogRecord): void =>
    output.item(record, () => formatRecord(record, { paint: output.paint, isOneOrder }));
  if (options.follow === true) {
    for await (const record of reader.follow({ ...filter, limit }, signal)) print(record);
    return;
  }
  const records = reader.read({ ...filter, limit });
  for (const record of records) print(record);
  if (records.length === 0) output.hint('No record passes these filters.');
}

function nothingLogged(stack: string): UserError {
  return new UserError('stack-not-running', `The stack "${stack}" has logged nothing yet.`, {
    hint: 'Start it with `wonderland up`.',
    details: { stack },
  });
}
