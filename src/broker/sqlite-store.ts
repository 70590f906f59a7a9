/** The store on SQLite: one transaction for all that happened in a turn of the event loop (group commit). */
import type { Clock, Timer } from '../kernel/clock.ts';
import { silentLogger, type Logger } from '../kernel/logger.ts';
import type { QueueEntry } from './core/entry.ts';
import type { ExchangeSpec } from './core/exchange.ts';
import type { Message } from './core/message.ts';
import type { QueueSpec } from './core/queue.ts';
import { DiskTrouble, isPassing } from './disk-trouble.ts';
import { markClean, openDataFile, type Connection } from './sqlite-schema.ts';
import { prepareStatements, toMessage, type EntryRow } from './sqlite-entries.ts';
import { SqliteTopology } from './sqlite-topology.ts';
import type { Store, StoredBinding, StoredTopology } from './store.ts';

/** How long writes that nobody waits for (acks, unconfirmed publishes) may trail. */
const TRAILING_WRITE_MS = 5;
/** How often a disk that takes nothing is asked again. */
const PROBE_MS = 250;

export class SqliteStore implements Store {
  readonly #clock: Clock;
  readonly #database: Connection;
  readonly #topology: SqliteTopology;
  readonly #wasClean: boolean;
  readonly #statements: ReturnType<typeof prepareStatements>;
  #added: QueueEntry[] = [];
  #changed: QueueEntry[] = [];
  #removed: QueueEntry[] = [];
  #waiting: ((isOnDisk: boolean) => void)[] = [];
  readonly #trouble: DiskTrouble;
  #lastMessageRow: number;
  #isClosed = false;
  #soon: NodeJS.Immediate | undefined;
  #later: Timer | undefined;

  /** @throws UserError when the file cannot be opened or another broker holds it */
  constructor(path: string, clock: Clock, log: Logger = silentLogger) {
    this.#clock = clock;
    this.#trouble = new DiskTrouble(log);
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
    this.#catchUpLater();
  }

  addQueue(vhost: string, spec: QueueSpec): number {
    return this.#topology.addQueue(vhost, spec);
  }

  removeQueue(row: number): void {
    this.#topology.removeQueue(row);
    this.#catchUpLater();
  }

  addBinding(vhost: string, binding: StoredBinding): void {
    this.#topology.addBinding(vhost, binding);
  }

  removeBinding(vhost: string, binding: StoredBinding): void {
    this.#topology.removeBinding(vhost, binding);
    this.#catchUpLater();
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

  get isStuck(): boolean {
    return this.#trouble.isOn;
  }

  watch(listener: () => void): () => void {
    return this.#trouble.watch(listener);
  }

  afterCommit(callback: (isOnDisk: boolean) => void): void {
    this.#waiting.push(callback);
    // After the sockets of this turn have been read: whatever they brought shares the transaction.
    this.#soon ??= setImmediate(() => (this.isStuck ? this.#answer(false) : this.#commit()));
  }

  close(): void {
    this.#commit();
    // What the last callbacks or dying connections still say comes too late for this file.
    this.#isClosed = true;
    this.#later?.cancel();
    try {
      if (!this.isStuck) markClean(this.#database);
    } catch (error) {
      if (!isPassing(error)) throw error;
    } finally {
      this.#database.close();
    }
  }

  #catchUpLater(): void {
    if (this.#topology.isOverdue) this.#commitLater();
  }

  #commitLater(): void {
    const delay = this.isStuck ? PROBE_MS : TRAILING_WRITE_MS;
    this.#later ??= this.#clock.after(delay, () => this.#commit());
  }

  #commit(): void {
    if (this.#isClosed) return;
    this.#later?.cancel();
    this.#later = undefined;
    const isOnDisk = this.#tryWrite();
    // First the alarm, so that who is refused knows that it has to wait.
    if (!isOnDisk) this.#commitLater();
    this.#answer(isOnDisk);
  }

  #answer(isOnDisk: boolean): void {
    if (this.#soon !== undefined) clearImmediate(this.#soon);
    this.#soon = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const callback of waiting) callback(isOnDisk);
  }

  /** Answers false when the disk does not take it now: then everything is as before, and tried again. */
  #tryWrite(): boolean {
    try {
      this.#topology.catchUp();
      const count = this.#added.length + this.#changed.length + this.#removed.length;
      if (count > 0) this.#write();
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.#trouble.began(error);
      return false;
    }
    this.#trouble.ended();
    return true;
  }

  #write(): void {
    const { begin, commit } = this.#statements;
    let deleted = 0;
    begin.run();
    try {
      for (const entry of this.#added) if (entry.durability === 'pending') this.#insert(entry);
      for (const entry of this.#changed) if (entry.durability === 'stored') this.#update(entry);
      for (const entry of this.#removed) {
        this.#delete(entry);
        deleted++;
      }
      commit.run();
    } catch (error) {
      this.#undo(deleted);
      throw error;
    }
    for (const { message } of this.#removed) if (message.storedEntries === 0) message.row = 0;
    this.#added = [];
    this.#changed = [];
    this.#removed = [];
  }

  /** The transaction is void: entries and messages say again what is on disk. */
  #undo(deleted: number): void {
    if (this.#database.inTransaction) this.#statements.rollback.run();
    for (const { message } of this.#removed.slice(0, deleted)) message.storedEntries++;
    for (const entry of this.#added) {
      if (entry.durability === 'stored') {
        entry.durability = 'pending';
        entry.message.storedEntries--;
      }
      if (entry.message.storedEntries === 0) entry.message.row = 0;
    }
    // Settled before they were written: nobody asks for them any more.
    this.#added = this.#added.filter(({ durability }) => durability === 'pending');
  }

  #insert(entry: QueueEntry): void {
    const { message } = entry;
    if (message.row === 0) {
      const row = ++this.#lastMessageRow;
      this.#statements.addMessage.run(row, message.address, message.header, message.body);
      message.row = row;
    }
    this.#statements.addEntry.run(
      entry.queueRow,
      entry.seq,
      message.row,
      entry.expiresAt ?? null,
      entry.redelivered ? 1 : 0,
      entry.deliveryCount,
    );
    message.storedEntries++;
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
    if (message.storedEntries === 1) this.#statements.removeMessage.run(message.row);
    message.storedEntries--;
  }
}
