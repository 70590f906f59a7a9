import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { readSettings } from '../config/settings.ts';
import { BugError } from '../kernel/errors.ts';
import { liveClock as clock, liveIds as ids } from '../kernel/live.ts';
import { planStack } from './plan-stack.ts';
import { identify } from './process-identity.ts';
import { filesOf } from './stack-files.ts';
import { writeRecord } from './stack-record.ts';
import { startStack, type StartOptions } from './start-stack.ts';
import { writeState } from './state-file.ts';

let stateDir = '';
beforeEach(async () => {
  stateDir = await mkdtemp(path.join(os.tmpdir(), 'wonderland-start-'));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

const SILENT = { onEngine: () => undefined, onStatus: () => undefined };

function start(wish: Partial<StartOptions>): ReturnType<typeof startStack> {
  const settings = readSettings({ WONDERLAND_STATE_DIR: stateDir });
  const { signal } = new AbortController();
  const usual = { settings, engine: 'auto', parts: {}, ports: {}, timeoutMs: 5_000 };
  return startStack({ ...usual, clock, ids, signal, ...wish }, SILENT);
}

/** Files as a supervisor (here: this process) leaves them while its stack runs. */
async function pretendToRun(): Promise<void> {
  const settings = readSettings({ WONDERLAND_STATE_DIR: stateDir });
  const files = filesOf(stateDir, 'default');
  const engine = 'embedded';
  const plan = {
    files,
    settings,
    engine,
    ports: {},
    stored: undefined,
    scale: {},
    clock,
    ids,
  } as const;
  writeRecord(files, await planStack(plan));
  const supervisor = identify(process.pid);
  if (supervisor === undefined) throw new BugError('this process does not find itself');
  const status = { name: 'default', engine, state: 'running', parts: [] } as const;
  writeState(files, { supervisor, processes: [], status });
}

const NONSENSE = [
  [{ engine: 'embeded' }, 'Did you mean "embedded"?'],
  [{ engine: 'docker' }, 'embedded'],
  [{ parts: { except: ['paymnt'] } }, 'Did you mean "payment"?'],
  [{ parts: { only: ['mediatr'] } }, 'Did you mean "mediator"?'],
  [{ ports: { offset: -5 } }, 'from 0'],
] as const;

it.each(NONSENSE)('%j is refused while the stack is stopped', async (wish, hint) => {
  await expect(start(wish)).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringContaining(hint) as string,
  });
});

it.each(NONSENSE)('%j is refused while the stack runs', async (wish, hint) => {
  await pretendToRun();
  await expect(start(wish)).rejects.toMatchObject({
    code: 'usage',
    hint: expect.stringContaining(hint) as string,
  });
});

it('a stack that runs is taken as it is when nothing else is asked for', async () => {
  await pretendToRun();
  await expect(start({})).resolves.toMatchObject({ wasRunning: true });
});
