/** One log record as a line for people. */
import type { LogRecord } from '../../contracts/logs.ts';
import type { LogLevel } from '../../kernel/logger.ts';
import type { Paint, Tone } from '../palette.ts';
import { formatTimeOfDay } from '../times.ts';
import { LOG_SERVICES } from './filter.ts';

const LEVEL_TONES: Readonly<Record<LogLevel, Tone>> = {
  debug: 'quiet',
  info: 'good',
  warn: 'warning',
  error: 'bad',
};
const SERVICE_TONES = ['series1', 'series2', 'series3', 'series4', 'series5', 'series6'] as const;
const WIDTH = Math.max(...LOG_SERVICES.map((each) => each.length));

export interface LineOptions {
  readonly paint: Paint;
  /** All lines are of one order: none needs its id. */
  readonly isOneOrder: boolean;
}

/** `14:03:27.512 info  payment       payment.charge → payment.charged  0198…  2.1 ms`. */
export function formatRecord(record: LogRecord, { paint, isOneOrder }: LineOptions): string {
  const facts = factsOf(isOneOrder ? { ...record, orderId: undefined } : record);
  return [
    paint('quiet', formatTimeOfDay(record.at)),
    paint(LEVEL_TONES[record.level], record.level.padEnd(5)),
    paint(toneOf(record.service), partOf(record).padEnd(WIDTH)),
    printable(record.message),
    ...(facts === '' ? [] : [paint('quiet', facts)]),
  ].join(' ');
}

/** One of several is called by its name; without the part that only this process has. */
function partOf({ service, instance }: LogRecord): string {
  return /^[a-z]+-\d+(?=-[0-9a-f]{6}$)/.exec(instance)?.[0] ?? service;
}

function toneOf(service: string): Tone {
  const index = LOG_SERVICES.findIndex((each) => each === service);
  return SERVICE_TONES[index] ?? 'accent';
}

type Facts = { readonly [Name in 'orderId' | 'span' | 'fields']?: LogRecord[Name] | undefined };

function factsOf({ orderId, span, fields }: Facts): string {
  return [
    ...(span === undefined ? [] : [`${span.durationMs.toFixed(1)} ms`]),
    ...(span !== undefined && span.attempt > 1 ? [`attempt ${span.attempt}`] : []),
    ...(span?.redelivered === true ? ['redelivered'] : []),
    ...Object.entries(fields ?? {}).map(([name, value]) => `${name}=${valueOf(value)}`),
    ...(orderId === undefined ? [] : [`order=${orderId}`]),
  ].join(' ');
}

function valueOf(value: unknown): string {
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}

/** A record is one line, and never moves the cursor of somebody's terminal. */
function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
}
