/** A filter of log records as SQL: its conditions, and the index that answers it best. */
import type { LogLevel } from '../../kernel/logger.ts';
import { rankOf } from './rows.ts';

/** All parts combine; an absent one lets everything through. */
export interface LogFilter {
  /** All instances of a service by its name, one by its number: `mediator-2` (`mediator-1` is the first). */
  readonly services?: readonly string[] | undefined;
  /** This level and the graver ones. */
  readonly minLevel?: LogLevel | undefined;
  /** Milliseconds since 1970: from here on. */
  readonly since?: number | undefined;
  /** Milliseconds since 1970: before this. */
  readonly until?: number | undefined;
  /** Tried on the sentence and on the JSON of its facts. */
  readonly grep?: RegExp | undefined;
  /** An order's id, or how it begins, or (6 characters or more) how it ends. */
  readonly orderId?: string | undefined;
  readonly traceId?: string | undefined;
}

export interface LogQuery {
  /** Conditions, joined by AND; `1` when there are none. */
  readonly where: string;
  readonly values: readonly (string | number)[];
  /** The planner has no statistics; this is the narrowest way in for the filter. */
  readonly index: string;
}

/** The name of the SQL function that tries the filter's pattern. */
export const MATCHES = 'matches';

/** What follows the name of an instance: which process it was. */
const PROCESS = '[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]';

const WARN = rankOf('warn');

export function queryOf(filter: LogFilter): LogQuery {
  const parts = [
    ...orderConditions(filter),
    ...serviceConditions(filter.services ?? []),
    ...levelConditions(rankOf(filter.minLevel ?? 'debug')),
    ...given(filter.since, 'at >= ?'),
    ...given(filter.until, 'at < ?'),
    // Last: it is the dearest, and SQLite tries conditions from left to right.
    ...(filter.grep === undefined ? [] : [{ sql: `${MATCHES}(message, fields)`, values: [] }]),
  ];
  return {
    where: parts.length === 0 ? '1' : parts.map((each) => each.sql).join(' AND '),
    values: parts.flatMap((each) => each.values),
    index: indexFor(filter),
  };
}

interface Condition {
  readonly sql: string;
  readonly values: readonly (string | number)[];
}

function orderConditions({ orderId, traceId }: LogFilter): Condition[] {
  return [
    ...(orderId === undefined || orderId === '' ? [] : [idCondition(orderId.toLowerCase())]),
    ...given(traceId, 'trace_id = ?'),
  ];
}

/** Fewer characters at the end of an id are too many orders'. */
const SHORTEST_END = 6;
const WHOLE_ID = 36;

function idCondition(part: string): Condition {
  // "~" sorts after every character of an id.
  const begins = { sql: 'order_id >= ? AND order_id < ?', values: [part, `${part}~`] };
  if (part.length < SHORTEST_END || part.length >= WHOLE_ID) return begins;
  // The end is no way into the index, but all of the index is still less than all records.
  const sql = `(order_id >= '' AND (${begins.sql} OR substr(order_id, ?) = ?))`;
  return { sql, values: [...begins.values, -part.length, part] };
}

function serviceConditions(names: readonly string[]): Condition[] {
  if (names.length === 0) return [];
  const each = names.map(partCondition);
  const sql = each.map((condition) => condition.sql).join(' OR ');
  return [{ sql: `(${sql})`, values: each.flatMap(({ values }) => values) }];
}

function partCondition(name: string): Condition {
  const [, service, number] = /^(.+)-(\d+)$/.exec(name) ?? [];
  if (service === undefined) return { sql: 'service = ?', values: [name] };
  const instance = number === '1' ? service : name;
  return { sql: 'service = ? AND instance GLOB ?', values: [service, `${instance}-${PROCESS}`] };
}

/** The first condition is word for word that of the partial index, or SQLite would not use it. */
function levelConditions(rank: number): Condition[] {
  if (rank === 0) return [];
  const exact = { sql: `level >= ${rank}`, values: [] };
  return rank > WARN ? [{ sql: `level >= ${WARN}`, values: [] }, exact] : [exact];
}

function given(value: string | number | undefined, sql: string): Condition[] {
  return value === undefined ? [] : [{ sql, values: [value] }];
}

function indexFor({ orderId = '', traceId, minLevel, services = [] }: LogFilter): string {
  if (orderId !== '') return 'record_of_order';
  if (traceId !== undefined) return 'record_of_trace';
  if (rankOf(minLevel ?? 'debug') >= WARN) return 'record_of_trouble';
  return services.length === 1 ? 'record_of_service' : 'record_by_time';
}
