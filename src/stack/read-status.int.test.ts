import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { BugError } from '../kernel/errors.ts';
import { identify, type ProcessIdentity } from './process-identity.ts';
import { explainSilence, readStatus } from './read-status.ts';
import { filesOf, makeDirectories } from './stack-files.ts';
import type { PartState, StackStatus } from './stack-status.ts';
import { writeState } from './state-file.ts';

let stateDir = '';
beforeEach(async () => {
  stateDir = await mkdtemp(path.join(os.tmpdir(), 'wonderland-status-'));
});
afterEach(() => rm(stateDir, { recursive: true, force: true }));

function self(): ProcessIdentity {
  const found = identify(process.pid);
  if (found === undefined) throw new BugError('this process does not find itself');
  return found;
}

/** A process that has ended: its number with a birth that nobody has. */
const DEAD: ProcessIdentity = { pid: 2 ** 22 - 1, born: 'long ago' };

interface Written {
  readonly supervisor: ProcessIdentity;
  readonly state: StackStatus['state'];
  readonly mediator: PartState;
  readonly processes?: readonly ProcessIdentity[];
}

function write({ supervisor, state, mediator, processes = [] }: Written): void {
  const files = filesOf(stateDir, 'test');
  makeDirectories(files);
  const rest = { since: 0, restarts: 0 };
  writeState(files, {
    supervisor,
    processes,
    status: {
      name: 'test',
      engine: 'embedded',
      state,
      parts: [
        { name: 'payment', state: 'ready', pid: DEAD.pid, ...rest },
        { name: 'mediator', state: mediator, pid: processes[0]?.pid ?? DEAD.pid, ...rest },
      ],
    },
  });
}

describe('after the death of a supervisor', () => {
  it('the parts that still run are told from those that are gone', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    try {
      const survivor = identify(child.pid ?? 0) ?? DEAD;
      const processes = [survivor, DEAD];
      write({ supervisor: DEAD, state: 'running', mediator: 'ready', processes });
      const { state, parts } = await readStatus({ stateDir, name: 'test' });
      expect(state).toBe('crashed');
      expect(parts).toMatchObject([
        { name: 'payment', state: 'stopped' },
        { name: 'mediator', state: 'ready', pid: child.pid },
      ]);
      expect(parts[0]).not.toHaveProperty('pid');
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
});

describe('a mediator that nobody can reach', () => {
  it.each([
    ['running', 'backoff', 'part-failed', 'is being restarted'],
    ['running', 'starting', 'part-failed', 'is being restarted'],
    ['running', 'paused', 'part-failed', 'is paused'],
    ['running', 'ready', 'part-failed', 'does not answer'],
    ['starting', 'waiting', 'stack-not-running', 'is still starting'],
  ] as const)('of a %s stack and in state %s is a %s: it %s', (state, mediator, code, words) => {
    write({ supervisor: self(), state, mediator });
    const error = explainSilence({ stateDir, stack: 'test' });
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) as string });
    expect(error?.retryable).toBe(true);
  });

  it('went with its stack when that crashed, and up brings it back', () => {
    write({ supervisor: DEAD, state: 'running', mediator: 'ready' });
    expect(explainSilence({ stateDir, stack: 'test' })).toMatchObject({
      code: 'stack-crashed',
      hint: expect.stringContaining('wonderland up') as string,
    });
  });

  it('needs no explanation when no stack was ever started', () => {
    expect(explainSilence({ stateDir, stack: 'test' })).toBeUndefined();
  });
});
