/** What was typed after `wonderland logs`, as a filter over log records. */
import { LOG_LEVELS, type LogLevel } from '../../kernel/logger.ts';
import { tryParseDuration } from '../../kernel/durations.ts';
import { UserError } from '../../kernel/errors.ts';
import { suggest } from '../../kernel/suggestion.ts';
import type { LogFilter } from '../../services/logging/query.ts';
import { oneOf } from '../arguments.ts';

/** Parts that send log records. */
export const LOG_SERVICES = [
  'mediator',
  'inventory',
  'payment',
  'customer',
  'notification',
  'logging',
] as const;

export interface LogFlags {
  readonly services: readonly string[];
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly level?: string | undefined;
  readonly grep?: string | undefined;
  readonly order?: string | undefined;
  readonly trace?: string | undefined;
}

/** What people want to read; the rest is for who looks for a defect. */
const DEFAULT_LEVEL: LogLevel = 'info';

/** @throws UserError `usage` naming the flag. */
export function readFilter(flags: LogFlags, nowMs: number): LogFilter {
  const { services, since, until, level = DEFAULT_LEVEL, grep, order, trace } = flags;
  for (const service of services) checkService(service);
  return {
    minLevel: oneOf('--level', LOG_LEVELS)(level),
    ...(services.length > 0 && { services }),
    ...(since !== undefined && { since: parseInstant('--since', since, nowMs) }),
    ...(until !== undefined && { until: parseInstant('--until', until, nowMs) }),
    ...(grep !== undefined && { grep: parseRegex(grep) }),
    ...(order !== undefined && {
      orderId: parseHex('--order', order, /^[0-9a-f-]{4,36}$/),
    }),
    ...(trace !== undefined && { traceId: parseHex('--trace', trace, /^[0-9a-f]{32}$/) }),
  };
}

function checkService(service: string): void {
  if (LOG_SERVICES.some((each) => each === service.replace(/-\d{1,2}$/, ''))) return;
  const hint = suggest(service, LOG_SERVICES);
  throw new UserError('usage', `There is no service "${service}".`, {
    ...(hint !== undefined && { hint }),
    details: { service, services: LOG_SERVICES },
  });
}

/** `10m` ago, or a point in time in a form that JavaScript reads. */
export function parseInstant(flag: string, text: string, nowMs: number): number {
  const agoMs = tryParseDuration(text);
  if (agoMs !== undefined) return Math.max(0, nowMs - agoMs);
  const at = Date.parse(text);
  if (!Number.isNaN(at) && /^\d{4}-/.test(text)) return Math.max(0, at);
  throw new UserError('usage', `${flag} does not understand "${text}".`, {
    hint: 'Write how long ago (30s, 10m, 2h, 1d) or a time such as 2026-08-06T14:03.',
  });
}

function parseRegex(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (cause) {
    throw new UserError('usage', `--grep takes a regular expression; "${text}" is not one.`, {
      hint: 'Put a backslash before characters such as ( [ * + ? that are meant as they are.',
      cause,
    });
  }
}

function parseHex(flag: string, text: string, pattern: RegExp): string {
  const wanted = text.toLowerCase();
  if (pattern.test(wanted)) return wanted;
  throw new UserError('usage', `${flag} takes an id, not "${text}".`, {
    hint: 'Ids of orders are in `wonderland orders`; ids of traces in `wonderland orders --json`.',
  });
}
