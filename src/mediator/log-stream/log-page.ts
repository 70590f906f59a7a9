/** Reads the saga log in pages, from a position that no late commit can slip behind. */
import type { Pool } from 'pg';

import type { LogRecord } from '../../contracts/logs.ts';
import { traceIdOf } from '../../kernel/trace.ts';
import type { LogEntry } from '../saga-row.ts';

export interface LogPage {
  readonly records: LogRecord[];
  readonly next: string | null;
  /** The page is full: there may be more. */
  readonly more: boolean;
}

/** An entry with its transaction, and what a log record needs of its saga. */
interface LoggedRow extends Pick<LogEntry, 'saga_id' | 'seq' | 'at' | 'kind'> {
  readonly xid: string;
  readonly reason: string | null;
  readonly issued: readonly string[];
  readonly origin: string;
  readonly traceparent: string;
}

/**
 * Transactions commit in another order than they begin, so "after the last one I saw" would miss those that
 * were slower. Below the oldest transaction that still runs nothing changes any more: only that is read.
 * A position beyond everything that ever ran here is of another server: then all is read again.
 */
const IS_FROM_HERE = '$1::xid8 < pg_snapshot_xmax(pg_current_snapshot())';
const READ = `
  SELECT entry.xid::text, entry.saga_id, entry.seq, entry.at::float8 AS at, entry.kind,
         entry.payload->>'reason' AS reason, entry.payload->'issued' AS issued,
         saga.origin, saga.traceparent
  FROM (
    SELECT * FROM saga_log
    WHERE xid < pg_snapshot_xmin(pg_current_snapshot())
      AND (xid, saga_id, seq) > (
        CASE WHEN ${IS_FROM_HERE} THEN $1::xid8 ELSE '0'::xid8 END,
        CASE WHEN ${IS_FROM_HERE} THEN $2::uuid ELSE '00000000-0000-0000-0000-000000000000'::uuid END,
        $3::int)
    ORDER BY xid, saga_id, seq LIMIT $4
  ) AS entry JOIN saga ON saga.id = entry.saga_id
  ORDER BY entry.xid, entry.saga_id, entry.seq`;

/** A restored dump brings transaction numbers along that mean nothing on this server. */
const ADOPT = `
  UPDATE saga_log SET xid = pg_current_xact_id()
  WHERE xid >= pg_snapshot_xmax(pg_current_snapshot())`;

const BEGINNING = '0:00000000-0000-0000-0000-000000000000:0';

/** What is logged after the position, at most `limit` entries; an empty page answers the same position. */
export async function readLogPage(
  pool: Pool,
  after: string | null,
  limit: number,
): Promise<LogPage> {
  const values = [...(after ?? BEGINNING).split(':'), limit];
  const { rows } = await pool.query<LoggedRow>({ name: 'read-log', text: READ, values });
  const last = rows.at(-1);
  return {
    records: rows.map(recordOf),
    next: last === undefined ? after : `${last.xid}:${last.saga_id}:${last.seq}`,
    more: rows.length === limit,
  };
}

/** Gives entries that came from another server a place in this one's order. Answers how many there were. */
export async function adoptLog(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query(ADOPT);
  return rowCount ?? 0;
}

/** The id is the entry's, so that a store keeps it once however often it is read. */
function recordOf(row: LoggedRow): LogRecord {
  const { saga_id, seq, at, kind, origin, reason, issued } = row;
  const traceId = traceIdOf(row.traceparent);
  const fields = { ...(reason !== null && { reason }), ...(issued.length > 0 && { issued }) };
  return {
    id: `saga-${saga_id}-${seq}`,
    at,
    level: 'info',
    service: 'mediator',
    instance: origin,
    message: `order ${kind}`,
    orderId: saga_id,
    ...(traceId !== undefined && { traceId }),
    ...(Object.keys(fields).length > 0 && { fields }),
  };
}
