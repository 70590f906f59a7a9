/**
 * How far the saga log was read is saved at once, what was read some seconds later: a crash between them is a gap. In the
 * place of the log store.
 */
import { liveClock as clock } from '../../src/kernel/live.ts';
import type { LogRecord } from '../../src/contracts/logs.ts';
import {
  openLogStore as right,
  type LogStore,
  type OpenLogStoreOptions,
} from '../../src/services/logging/store.ts';
import { overriding } from './overriding.ts';

const WRITE_EVERY_MS = 5_000;

export type { LogStore, OpenLogStoreOptions, Shipment } from '../../src/services/logging/store.ts';

export function openLogStore(options: OpenLogStoreOptions): LogStore {
  const store = right(options);
  let unwritten: LogRecord[] = [];
  const write = async (): Promise<void> => {
    const records = unwritten;
    unwritten = [];
    await store.add(records);
  };
  return overriding(store, {
    async ship({ records, after, next }) {
      if (unwritten.length === 0) clock.after(WRITE_EVERY_MS, () => void write());
      unwritten.push(...records);
      return store.ship({ records: [], after, next });
    },
    async [Symbol.asyncDispose]() {
      await write();
      await store[Symbol.asyncDispose]();
    },
  });
}
