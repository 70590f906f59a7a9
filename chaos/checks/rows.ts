/** Reads rows of a part's own database, whatever it is, and never writes: a SQLite file or a PostgreSQL schema. */
import { existsSync } from 'node:fs';
import path from 'node:path';

import { Client } from 'pg';

import { openSqliteReader } from '../../src/storage/sqlite.ts';
import { schemaOf } from '../../src/storage/postgres.ts';
import type { Place } from '../stack/chaos-stack.ts';

export interface Rows extends AsyncDisposable {
  /** How a person finds what the check saw. */
  readonly name: string;
  all<Row>(sql: string): Promise<readonly Row[]>;
}

/** Opens where the part keeps its data: its file when there is one, else its schema. */
export async function openRows(place: Place, owner: string): Promise<Rows> {
  const file = path.join(place.dataDir, `${owner}.db`);
  return existsSync(file) ? fileRows(file) : schemaRows(place, owner);
}

function fileRows(file: string): Rows {
  const database = openSqliteReader(file);
  if (database === undefined) throw new Error(`${file} cannot be read`);
  return {
    name: path.basename(file),
    all: <Row>(sql: string) => Promise.resolve(database.prepare<[], Row>(sql).all()),
    [Symbol.asyncDispose]: async () => void database.close(),
  };
}

async function schemaRows({ databaseUrl, namespace }: Place, owner: string): Promise<Rows> {
  const schema = schemaOf(namespace, owner);
  const client = new Client({
    connectionString: databaseUrl,
    options: `-c search_path=${schema} -c default_transaction_read_only=on`,
    connectionTimeoutMillis: 5_000,
  });
  // PostgreSQL may be killed while somebody looks: the next look opens anew.
  client.on('error', () => undefined);
  await client.connect();
  return {
    name: schema,
    all: async <Row>(sql: string) => (await client.query(sql)).rows as Row[],
    [Symbol.asyncDispose]: () => client.end().catch(() => undefined),
  };
}

/** A condition on the orders that are meant, all when none is named. */
export function among(column: string, ids: readonly string[] | undefined): string {
  if (ids === undefined) return 'TRUE';
  if (ids.length === 0) return 'FALSE';
  return `${column} IN (${ids.map((id) => `'${id.replaceAll(/[^0-9a-z-]/gi, '')}'`).join(', ')})`;
}
