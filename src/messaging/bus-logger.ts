/** The logger of a part: records go to the logging service in batches, what matters also to the console. */
import type { Writable } from 'node:stream';

import { MAX_RECORDS, records, type LogRecord } from '../contracts/logs.ts';
import type { Clock, Timer } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { LOG_LEVELS, type LogFields, type Logger, type LogLevel } from '../kernel/logger.ts';
import { outgoing, type Bus, type OutgoingMessage } from './bus.ts';
import { fitting, sizedRecord, takeBatch, type SizedRecord } from './log-record.ts';
import type { Names } from './topology.ts';

/** Records wait this long for company before they travel. */
const FLUSH_AFTER_MS = 25;
/** Without a broker the newest records are kept, and how many were dropped is told. */
const MAX_WAITING = 20_000;
const CLOSE_WITHIN_MS = 2_000;

export interface BusLoggerOptions {
  readonly service: string;
  readonly instance: string;
  readonly names: Names;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly output: Writable;
  /** Records below are not made. */
  readonly level: LogLevel;
}

export class BusLogger implements Logger, AsyncDisposable {
  readonly #options: BusLoggerOptions;
  readonly #waiting: Record<LogLevel, SizedRecord[]> = { debug: [], info: [], warn: [], error: [] };
  #bus: Bus | undefined;
  #timer: Timer | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #sequence = 0;
  #dropped = 0;
  #isClosed = false;

  constructor(options: BusLoggerOptions) {
    this.#options = options;
  }

  /** From now on records have a way out; what was said before goes first. */
  connect(bus: Bus): void {
    this.#bus = bus;
    this.#schedule();
  }

  log(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(this.#options.level)) return;
    const sized = this.#record(level, message, fields);
    const { record } = sized;
    if (isForConsole(record)) this.#options.output.write(`${JSON.stringify(record)}\n`);
    if (this.#isClosed) return;
    const queue = this.#waiting[level];
    queue.push(sized);
    if (queue.length > MAX_WAITING) this.#dropped += queue.splice(0, MAX_RECORDS).length;
    this.#schedule();
  }

  /** Says what is left, for a moment at most. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    const limit = new AbortController();
    const giveUp = this.#options.clock.sleep(CLOSE_WITHIN_MS, limit.signal);
    await Promise.race([this.#flushing.then(() => this.#flush()), giveUp]);
    limit.abort();
  }

  #record(level: LogLevel, message: string, fields: LogFields): SizedRecord {
    const { service, instance, clock } = this.#options;
    const id = `${instance}-${++this.#sequence}`;
    return sizedRecord({ id, at: clock.now(), level, service, instance }, message, fields);
  }

  #schedule(): void {
    if (this.#bus === undefined || this.#timer !== undefined || this.#isClosed) return;
    this.#timer = this.#options.clock.after(FLUSH_AFTER_MS, () => {
      this.#flushing = this.#flush().finally(() => {
        this.#timer = undefined;
        if (this.#depth() > 0) this.#schedule();
      });
    });
  }

  #depth(): number {
    return LOG_LEVELS.reduce((sum, level) => sum + this.#waiting[level].length, 0);
  }

  /** One message after another for each level; unconfirmed ones go back to the front. */
  async #flush(): Promise<void> {
    await Promise.all(LOG_LEVELS.map((level) => this.#flushLevel(level)));
  }

  async #flushLevel(level: LogLevel): Promise<void> {
    while (this.#bus !== undefined && this.#waiting[level].length > 0) {
      const batch = takeBatch(this.#waiting[level]);
      const result = await this.#bus.publish(
        this.#message(
          level,
          batch.map((each) => each.record),
        ),
      );
      if (result.outcome !== 'confirmed') {
        this.#waiting[level].unshift(...batch);
        return;
      }
      this.#reportDropped();
    }
  }

  /** One record that does not fit must not take its neighbours with it. */
  #message(level: LogLevel, batch: LogRecord[]): OutgoingMessage {
    const { names, ids } = this.#options;
    const to = { exchange: names.logs, routingKey: level, id: `log:${ids.hex(8)}` };
    try {
      return outgoing(records, { records: batch }, to);
    } catch {
      return outgoing(records, { records: batch.map(fitting) }, to);
    }
  }

  /** Once somebody listens again. */
  #reportDropped(): void {
    if (this.#dropped === 0) return;
    const count = this.#dropped;
    this.#dropped = 0;
    this.#waiting.warn.push(this.#record('warn', `${count} log records were dropped`, {}));
  }
}

/** The console tells of the part's life and of trouble; orders are in the log store. */
function isForConsole(record: LogRecord): boolean {
  if (record.level === 'warn' || record.level === 'error') return true;
  return record.level === 'info' && record.orderId === undefined;
}
