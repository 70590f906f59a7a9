/** The store on SQLite: one transaction for all that happened in a turn of the event loop (group commit). */
import type { Clock, Timer } from '../kernel/clock.ts';
import { ByteReader } from './codec/byte-reader.ts';
import type { QueueEntry } from './core/entry.ts';
import type { ExchangeSpec } from './core/exchange.ts';
import { Message } from './core/message.ts';
import type { QueueSpec } from './core/queue.ts';
import { markClean, openDataFile, type Connection } from './sqlite-schema.ts';
import { SqliteTopology } from './sqlite-topology.ts';
import type { Store, StoredBinding, StoredTopology } from './store.ts';

/** How long writes that nobody waits for (acks, unconfirmed publishes) may trail. */
const TRAILING_WRITE_MS = 5;

interface EntryRow {
  queue: number;
  seq: number;
  message: number;
  expires_at: number | null;
  redelivered: number;
  delivery_count: number;
  address: Buffer;
  header: Buffer;
  body: Buffer;
}

export class SqliteStore implements Store {
  readonly #clock: Clock;
  readonly #database: Connection;
  readonly #topology: SqliteTopology;
  readonly #wasClean: boolean;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #added: QueueEntry[] = [];
  #changed: QueueEntry[] = [];
  #removed: QueueEntry[] = [];
  #waiting: (() => void)[] = [];
  #lastMessageRow: number;
  #isClosed = false;
  #soon: NodeJS.Immediate | undefined;
  #later: Timer | undefined;

  /** @throws UserError when the file cannot be opened or another broker holds it */
  constructor(path: string, clock: Clock) {
    this.#clock = clock;
    const { database, wasClean } = openDataFile(path);
    this.#database = database;
    this.#wasClean = wasClean;
    this.#topology = new SqliteTopology(database);
    this.#statements = prepareStatements(database);
    this.#lastMessageRow = this.#statements.lastMessage.get() as number;
  }

  readTopology(vhost: string): StoredTopology {
    return this.#topology.read(vhost);
  }

  *readEntries(): Iterable<QueueEntry> {
    // Queues that share a message share the object.
    const messages = new Map<number, Message>();
    for (const row of this.#statements.readEntries.iterate() as Iterable<EntryRow>) {
      const message = messages.get(row.message) ?? toMessage(row);
      messages.set(row.message, message);
      message.storedEntries++;
      yield {
        message,
        seq: row.seq,
        expiresAt: row.expires_at ?? undefined,
        queueRow: row.queue,
        // Deliveries are not written down one by one, so after a crash any message may have been seen.
        redelivered: !this.#wasClean || row.redelivered === 1,
        deliveryCount: row.delivery_count,
        durability: 'stored',
      };
    }
  }

  addExchange(vhost: string, spec: ExchangeSpec): void {
    this.#topology.addExchange(vhost, spec);
  }

  removeExchange(vhost: string, name: string): void {
    this.#topology.removeExchange(vhost, name);
  }

  addQueue(vhost: string, spec: QueueSpec): number {
    return this.#topology.addQueue(vhost, spec);
  }

  removeQueue(row: number): void {
    this.#topology.removeQueue(row);
  }

  addBinding(vhost: string, binding: StoredBinding): void {
    this.#topology.addBinding(vhost, binding);
  }

  removeBinding(vhost: string, binding: StoredBinding): void {
    this.#topology.removeBinding(vhost, binding);
  }

  addEntry(entry: QueueEntry): void {
    entry.durability = 'pending';
    this.#added.push(entry);
    this.#commitLater();
  }

  changeEntry(entry: QueueEntry): void {
    if (entry.durability !== 'stored') return;
    this.#changed.push(entry);
    this.#commitLater();
  }

  removeEntry(entry: QueueEntry): void {
    if (entry.durability === 'stored') {
      this.#removed.push(entry);
      this.#commitLater();
    }
    entry.durability = 'absent';
  }

  get hasPendingEntries(): boolean {
    return this.#added.length > 0;
  }

  afterCommit(callback: () => void): void {
    this.#waiting.push(callback);
    // After the sockets of this turn have been read: whatever they brought shares the transaction.
    this.#soon ??= setImmediate(() => this.#commit());
  }

  close(): void {
    this.#commit();
    // What the last callbacks or dying connections still say comes too late for this file.
    this.#isClosed = true;
    markClean(this.#database);
    this.#database.close();
  }

  #commitLater(): void {
    this.#later ??= this.#clock.after(TRAILING_WRITE_MS, () => this.#commit());
  }

  #commit(): void {
    if (this.#isClosed) return;
    if (this.#soon !== undefined) clearImmediate(this.#soon);
    this.#later?.cancel();
    this.#soon = undefined;
    this.#later = undefined;
    if (this.#added.length + this.#changed.length + this.#removed.length > 0) this.#write();
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback();
  }

  #write(): void {
    const { begin, commit } = this.#statements;
    begin.run();
    for (const entry of this.#added) if (entry.durability === 'pending') this.#insert(entry);
    for (const entry of this.#changed) if (entry.durability === 'stored') this.#update(entry);
    for (const entry of this.#removed) this.#delete(entry);
    commit.run();
    this.#added = [];
    this.#changed = [];
    this.#removed = [];
  }

  #insert(entry: QueueEntry): void {
    const { message } = entry;
    if (message.row === 0) {
      message.row = ++this.#lastMessageRow;
      this.#statements.addMessage.run(message.row, message.address, message.header, message.body);
    }
    message.storedEntries++;
    this.#statements.addEntry.run(
      entry.queueRow,
      entry.seq,
      message.row,
      entry.expiresAt ?? null,
      entry.redelivered ? 1 : 0,
      entry.deliveryCount,
    );
    entry.durability = 'stored';
  }

  #update(entry: QueueEntry): void {
    const redelivered = entry.redelivered ? 1 : 0;
    const { changeEntry } = this.#statements;
    changeEntry.run(redelivered, entry.deliveryCount, entry.queueRow, entry.seq);
  }

  #delete(entry: QueueEntry): void {
    const { message } = entry;
    this.#statements.removeEntry.run(entry.queueRow, entry.seq);
    message.storedEntries--;
    if (message.storedEntries > 0) return;
    this.#statements.removeMessage.run(message.row);
    message.row = 0;
  }
}

function toMessage(row: EntryRow): Message {
  const address = new ByteReader(row.address);
  const message = new Message({
    address: row.address,
    exchange: address.shortstr(),
    routingKey: address.shortstr(),
    header: row.header,
    body: row.body,
  });
  message.row = row.message;
  return message;
}

function prepareStatements(database: Connection) {
  return {
    begin: database.prepare('BEGIN'),
    commit: database.prepare('COMMIT'),
    addMessage: database.prepare('INSERT INTO message VALUES (?, ?, ?, ?)'),
    addEntry: database.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)'),
    changeEntry: database.prepare(
      'UPDATE entry SET redelivered = ?, delivery_count = ? WHERE queue = ? AND seq = ?',
    ),
    removeEntry: database.prepare('DELETE FROM entry WHERE queue = ? AND seq = ?'),
    removeMessage: database.prepare('DELETE FROM message WHERE id = ?'),
    lastMessage: database.prepare('SELECT coalesce(max(id), 0) FROM message').pluck(),
    readEntries: database.prepare(
      `SELECT entry.*, address, header, body FROM entry JOIN message ON message.id = entry.message
       ORDER BY queue, seq`,
    ),
  };
}
