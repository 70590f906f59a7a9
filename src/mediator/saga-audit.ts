/** Checks sagas in the database: does each log lead, decided once more, to the row that stands there? */
import type { Pool } from 'pg';

import type { SagaAudit } from '../contracts/mediator.ts';
import { MAX_DIFFERENCE_LENGTH } from '../contracts/mediator.ts';
import { replayDifference, type Difference, type ReplayableEntry } from './replay.ts';
import type { SagaRow } from './saga-row.ts';

/** Sagas whose logs are in memory at once. */
const PAGE = 100;

type Audited = Pick<
  SagaRow,
  | 'id'
  | 'definition'
  | 'definition_version'
  | 'definition_hash'
  | 'status'
  | 'progress'
  | 'pending'
  | 'data'
  | 'log_seq'
> & { readonly log: readonly ReplayableEntry[] };

/** One statement sees one instant: a saga that moves on meanwhile is no difference. */
const READ = `
  SELECT id, definition, definition_version, definition_hash, status, progress, pending, data, log_seq,
    coalesce((
      SELECT jsonb_agg(jsonb_build_object('seq', seq, 'kind', kind, 'payload', payload) ORDER BY seq)
      FROM saga_log WHERE saga_id = saga.id), '[]') AS log
  FROM saga WHERE id = ANY($1::uuid[]) ORDER BY id`;

/** Those of these sagas that exist, in order of id. */
export async function auditSagas(pool: Pool, ids: readonly string[]): Promise<SagaAudit[]> {
  const audits: SagaAudit[] = [];
  for (let from = 0; from < ids.length; from += PAGE) {
    const values = [ids.slice(from, from + PAGE)];
    const { rows } = await pool.query<Audited>({ name: 'audit', text: READ, values });
    audits.push(...rows.map(auditOf));
  }
  return audits.toSorted((a, b) => (a.orderId < b.orderId ? -1 : 1));
}

function auditOf({ log, ...row }: Audited): SagaAudit {
  const difference = replayDifference(log, row);
  return {
    orderId: row.id,
    logEntries: log.length,
    ...(difference !== undefined && { difference: textOf(difference) }),
  };
}

/** What was logged goes first and whole where it can: it is what stands in the database. */
function textOf({ seq, what, logged, decided }: Difference): string {
  const text = `entry ${seq}, ${what}: logged ${wordOf(logged)}, decided ${wordOf(decided)}`;
  return text.slice(0, MAX_DIFFERENCE_LENGTH);
}

function wordOf(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, MAX_DIFFERENCE_LENGTH / 2 - 50);
}
