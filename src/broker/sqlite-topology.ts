/** Durable exchanges, queues and bindings in the data file. */
import { decodeTable, encodeTable } from './codec/field-table.ts';
import type { ExchangeSpec, ExchangeType } from './core/exchange.ts';
import type { QueueSpec } from './core/queue.ts';
import { isPassing } from './disk-trouble.ts';
import type { Connection } from './sqlite-schema.ts';
import type { StoredBinding, StoredTopology } from './store.ts';

interface ExchangeRow {
  name: string;
  type: ExchangeType;
  auto_delete: number;
  internal: number;
  args: Buffer;
}

interface QueueRow {
  id: number;
  name: string;
  auto_delete: number;
  args: Buffer;
}

interface BindingRow {
  source: string;
  kind: 'queue' | 'exchange';
  destination: string;
  key: string;
  args: Buffer;
}

export class SqliteTopology {
  readonly #database: Connection;
  /** Removals that the disk did not take, in order. */
  #overdue: (() => void)[] = [];

  constructor(database: Connection) {
    this.#database = database;
  }

  read(vhost: string): StoredTopology {
    const rows = <Row>(table: string): Row[] =>
      this.#database.prepare(`SELECT * FROM ${table} WHERE vhost = ?`).all(vhost) as Row[];
    return {
      exchanges: rows<ExchangeRow>('exchange').map(toExchange),
      queues: rows<QueueRow>('queue').map((row) => ({ row: row.id, spec: toQueue(row) })),
      bindings: rows<BindingRow>('binding').map(toBinding),
    };
  }

  addExchange(vhost: string, spec: ExchangeSpec): void {
    this.#run(
      'INSERT OR REPLACE INTO exchange VALUES (?, ?, ?, ?, ?, ?)',
      vhost,
      spec.name,
      spec.type,
      Number(spec.autoDelete),
      Number(spec.internal),
      encodeTable(spec.args),
    );
  }

  removeExchange(vhost: string, name: string): void {
    this.#remove('DELETE FROM exchange WHERE vhost = ? AND name = ?', vhost, name);
    this.#remove('DELETE FROM binding WHERE vhost = ? AND source = ?', vhost, name);
  }

  addQueue(vhost: string, spec: QueueSpec): number {
    const sql = 'INSERT INTO queue (vhost, name, auto_delete, args) VALUES (?, ?, ?, ?)';
    return this.#run(sql, vhost, spec.name, Number(spec.autoDelete), encodeTable(spec.args));
  }

  removeQueue(row: number): void {
    this.#remove('DELETE FROM queue WHERE id = ?', row);
  }

  addBinding(vhost: string, binding: StoredBinding): void {
    this.#run('INSERT OR IGNORE INTO binding VALUES (?, ?, ?, ?, ?, ?)', ...keyOf(vhost, binding));
  }

  removeBinding(vhost: string, binding: StoredBinding): void {
    this.#remove(
      'DELETE FROM binding WHERE vhost = ? AND source = ? AND kind = ? AND destination = ? AND key = ? AND args = ?',
      ...keyOf(vhost, binding),
    );
  }

  get isOverdue(): boolean {
    return this.#overdue.length > 0;
  }

  /** Removes what could not be removed when it was asked for. @throws as the disk does */
  catchUp(): void {
    for (let next = this.#overdue[0]; next !== undefined; next = this.#overdue[0]) {
      next();
      this.#overdue.shift();
    }
  }

  #remove(sql: string, ...values: readonly unknown[]): void {
    this.#overdue.push(() => void this.#database.prepare(sql).run(...values));
    try {
      this.catchUp();
    } catch (error) {
      if (!isPassing(error)) throw error;
    }
  }

  #run(sql: string, ...values: readonly unknown[]): number {
    this.catchUp();
    return Number(this.#database.prepare(sql).run(...values).lastInsertRowid);
  }
}

function keyOf(vhost: string, { source, destinationKind, destination, key, args }: StoredBinding) {
  return [vhost, source, destinationKind, destination, key, encodeTable(args)] as const;
}

function toExchange(row: ExchangeRow): ExchangeSpec {
  return {
    name: row.name,
    type: row.type,
    durable: true,
    autoDelete: row.auto_delete === 1,
    internal: row.internal === 1,
    args: decodeTable(row.args),
  };
}

function toQueue(row: QueueRow): QueueSpec {
  return {
    name: row.name,
    durable: true,
    autoDelete: row.auto_delete === 1,
    owner: undefined,
    args: decodeTable(row.args),
  };
}

function toBinding(row: BindingRow): StoredBinding {
  return {
    source: row.source,
    destinationKind: row.kind,
    destination: row.destination,
    key: row.key,
    args: decodeTable(row.args),
  };
}
