import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { chooseDataStores, type DataStoreOptions } from './data-stores.ts';
import { filesOf, makeDirectories, type StackFiles } from './stack-files.ts';
import { dataPathsOf, type StackRecord } from './stack-record.ts';

const HERE = 'postgres://here/w';

describe('where inventory and payment keep their data', () => {
  let directory: string;
  let files: StackFiles;
  beforeEach(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'wonderland-stores-'));
    files = filesOf(directory, 'default');
    makeDirectories(files);
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const choose = (wish: Partial<DataStoreOptions>) =>
    chooseDataStores({
      files,
      settings: { inventoryUrl: undefined, paymentUrl: undefined },
      isExternal: false,
      stored: undefined,
      scale: {},
      databaseUrl: HERE,
      ...wish,
    });
  const storedWith = (stores: { inventoryUrl?: string }): StackRecord => ({
    schemaVersion: 1,
    name: 'default',
    engine: 'embedded',
    ports: { http: 1 },
    endpoints: {
      mediatorUrl: '',
      amqpUrl: '',
      databaseUrl: 'postgres://moved/w',
      namespace: '',
      ...dataPathsOf(files),
      ...stores,
    },
    createdAt: '',
  });

  it('is a file for one of each, and the database of the stack for several', () => {
    expect(choose({})).toEqual({});
    expect(choose({ scale: { mediator: 2 } })).toEqual({});
    expect(choose({ scale: { inventory: 2 } })).toEqual({ inventoryUrl: HERE });
    expect(choose({ scale: { payment: 3 } })).toEqual({ paymentUrl: HERE });
  });

  it('stays in the database once it was there, wherever that has moved', () => {
    const stored = storedWith({ inventoryUrl: 'postgres://before/w' });
    expect(choose({ stored })).toEqual({ inventoryUrl: HERE });
    expect(choose({ stored, scale: { inventory: 1 } })).toEqual({ inventoryUrl: HERE });
  });

  it('never changes from a file to the database: the shop would be empty', () => {
    writeFileSync(path.join(files.data, 'inventory.db'), '');
    const stored = storedWith({});
    expect(choose({ stored })).toEqual({});
    expect(() => choose({ stored, scale: { inventory: 2 } })).toThrow(
      expect.objectContaining({
        code: 'invalid-config',
        hint: expect.stringContaining('--stack') as string,
      }),
    );
    expect(choose({ stored, scale: { payment: 2 } })).toEqual({ paymentUrl: HERE });
  });

  it('is a database that the environment names, for servers of others only', () => {
    const settings = { inventoryUrl: 'postgres://there/w', paymentUrl: undefined };
    expect(choose({ settings })).toEqual({});
    expect(choose({ settings, isExternal: true })).toEqual({ inventoryUrl: 'postgres://there/w' });
    writeFileSync(path.join(files.data, 'inventory.db'), '');
    expect(() => choose({ settings, isExternal: true })).toThrow('WONDERLAND_INVENTORY_URL');
  });
});
