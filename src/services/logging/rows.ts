/** Between log records and rows of the log store. */
import type { LogRecord, Span } from '../../contracts/logs.ts';
import { LOG_LEVELS, type LogLevel } from '../../kernel/logger.ts';

export interface RecordRow {
  readonly id: string;
  readonly at: number;
  /** Position in LOG_LEVELS. */
  readonly level: number;
  readonly service: string;
  readonly instance: string;
  readonly message: string;
  readonly order_id: string | null;
  readonly trace_id: string | null;
  /** JSON. */
  readonly fields: string | null;
}

/** A record with what it may have had beside it. */
export interface JoinedRow extends RecordRow {
  readonly seq: number;
  /** JSON. */
  readonly span: string | null;
}

export function rankOf(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level);
}

export function rowOf(record: LogRecord): RecordRow {
  return {
    id: record.id,
    at: record.at,
    level: rankOf(record.level),
    service: record.service,
    instance: record.instance,
    message: record.message,
    order_id: record.orderId ?? null,
    trace_id: record.traceId ?? null,
    fields: record.fields === undefined ? null : JSON.stringify(record.fields),
  };
}

export function recordOf(row: JoinedRow): LogRecord {
  return {
    id: row.id,
    at: row.at,
    level: LOG_LEVELS[row.level] ?? 'error',
    service: row.service,
    instance: row.instance,
    message: row.message,
    ...(row.order_id !== null && { orderId: row.order_id }),
    ...(row.trace_id !== null && { traceId: row.trace_id }),
    ...(row.span !== null && { span: JSON.parse(row.span) as Span }),
    ...(row.fields !== null && { fields: JSON.parse(row.fields) as Record<string, unknown> }),
  };
}
