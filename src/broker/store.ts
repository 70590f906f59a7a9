/** What must survive the broker, as a port: the SQLite adapter keeps it, the memory adapter keeps nothing. */
import type { QueueEntry } from './core/entry.ts';
import type { ExchangeSpec } from './core/exchange.ts';
import type { QueueSpec } from './core/queue.ts';
import type { FieldTable } from './codec/field-table.ts';

export interface StoredBinding {
  readonly source: string;
  readonly destinationKind: 'queue' | 'exchange';
  readonly destination: string;
  readonly key: string;
  readonly args: FieldTable;
}

/** A virtual host as it was found on disk. */
export interface StoredTopology {
  readonly exchanges: readonly ExchangeSpec[];
  readonly queues: readonly { readonly row: number; readonly spec: QueueSpec }[];
  readonly bindings: readonly StoredBinding[];
}

export interface Store {
  readTopology(vhost: string): StoredTopology;
  /** Every entry that was found, in order of queue and position; ready to be delivered again. */
  readEntries(): Iterable<QueueEntry>;

  /**
   * Topology is on disk when these return; a removal that cannot be written is made up for later.
   * @throws whatever the disk says when something new cannot be written
   */
  addExchange(vhost: string, exchange: ExchangeSpec): void;
  removeExchange(vhost: string, name: string): void;
  /** Answers the row of the new queue; 0 when nothing is kept. */
  addQueue(vhost: string, queue: QueueSpec): number;
  removeQueue(row: number): void;
  addBinding(vhost: string, binding: StoredBinding): void;
  removeBinding(vhost: string, binding: StoredBinding): void;

  /** Entries are on disk with the next commit; an entry removed before that never gets there. */
  addEntry(entry: QueueEntry): void;
  changeEntry(entry: QueueEntry): void;
  removeEntry(entry: QueueEntry): void;
  /** Is anything not yet on disk that a publisher may wait for? */
  readonly hasPendingEntries: boolean;
  /**
   * Calls back in order of asking: with true once everything added so far is on disk, with false when it could not be
   * written. Then it stays in memory and is written as soon as that is possible.
   */
  afterCommit(callback: (isOnDisk: boolean) => void): void;
  /** Can nothing be written at the moment? */
  readonly isStuck: boolean;
  /** Calls back at every change of `isStuck`; answers how to stop that. */
  watch(listener: () => void): () => void;

  /** Writes what is pending and closes. */
  close(): void;
}

const NO_TOPOLOGY: StoredTopology = { exchanges: [], queues: [], bindings: [] };

/** Keeps nothing: every queue is as durable as the process. */
export const memoryStore: Store = {
  readTopology: () => NO_TOPOLOGY,
  readEntries: () => [],
  addExchange: () => undefined,
  removeExchange: () => undefined,
  addQueue: () => 0,
  removeQueue: () => undefined,
  addBinding: () => undefined,
  removeBinding: () => undefined,
  addEntry: () => undefined,
  changeEntry: () => undefined,
  removeEntry: () => undefined,
  hasPendingEntries: false,
  afterCommit: (callback) => callback(true),
  isStuck: false,
  watch: () => () => undefined,
  close: () => undefined,
};
