import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, describe, expect, it } from 'vitest';

import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock } from '../../kernel/live.ts';
import { LOST } from '../instance-health.ts';
import { identify, isFrozen } from '../process-identity.ts';
import { familyOf } from '../process-tree.ts';
import { readStatus } from '../read-status.ts';
import { filesOf, type StackFiles } from '../stack-files.ts';
import type { StackRecord } from '../stack-record.ts';
import type { PartStatus, StackStatus } from '../stack-status.ts';
import { readState } from '../state-file.ts';
import { stopStack } from '../stop-stack.ts';
import { startHost } from './host.ts';
import type { PartSpec } from './part-process.ts';
import { callSupervisor } from './socket-client.ts';
import type { Supervisor } from './supervisor.ts';

let closing = new ClosingStack();
afterEach(async () => {
  await closing[Symbol.asyncDispose]();
  closing = new ClosingStack();
});

/** Serves until it is told to stop or its supervisor is gone, as every part of ours. */
const GOOD = `
  process.on('SIGTERM', () => process.exit(0));
  process.on('disconnect', () => process.exit(0));
  console.log('good morning');
  process.send({ type: 'ready' });`;
const DEAF = `
  process.on('SIGTERM', () => console.log('I hear nothing'));
  process.on('disconnect', () => undefined);
  setInterval(() => undefined, 1000);
  process.send({ type: 'ready' });`;
const BROKEN = `console.error('no tea left'); process.exitCode = 7; process.disconnect();`;

function part(name: string, script: string, after: readonly string[] = []): PartSpec {
  return { name, command: [process.execPath, '-e', script], environment: {}, after };
}

async function temporaryFiles(): Promise<{ stateDir: string; files: StackFiles }> {
  const stateDir = await mkdtemp(path.join(os.tmpdir(), 'wonderland-supervisor-'));
  closing.defer(() => rm(stateDir, { recursive: true, force: true }));
  return { stateDir, files: filesOf(stateDir, 'test') };
}

function recordOf(files: StackFiles): StackRecord {
  return {
    schemaVersion: 1,
    name: 'test',
    engine: 'embedded',
    ports: { http: 1 },
    endpoints: {
      mediatorUrl: 'http://127.0.0.1:1',
      amqpUrl: '',
      databaseUrl: '',
      namespace: '',
      dataDir: files.data,
      inboxDir: files.data,
      logFile: files.data,
    },
    createdAt: new Date(0).toISOString(),
  };
}

async function start(
  ...parts: readonly PartSpec[]
): Promise<{ supervisor: Supervisor; files: StackFiles }> {
  const { files } = await temporaryFiles();
  const host = await startHost({ files, record: recordOf(files), parts, clock: liveClock });
  closing.use(host);
  return { supervisor: host.supervisor, files };
}

/** Waits for a status that satisfies; fails with the last one seen. */
async function until(
  supervisor: Supervisor,
  isRight: (status: StackStatus) => boolean,
): Promise<StackStatus> {
  return new Promise((resolve, reject) => {
    const timer = liveClock.after(10_000, () => {
      unwatch();
      reject(new Error(`not reached: ${JSON.stringify(supervisor.status())}`));
    });
    const unwatch = supervisor.watch((status) => {
      if (!isRight(status)) return;
      timer.cancel();
      setImmediate(() => unwatch());
      resolve(status);
    });
  });
}

const partOf = (status: StackStatus, name: string): PartStatus => {
  const found = status.parts.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no part ${name}`);
  return found;
};
const isRunning = (status: StackStatus): boolean => status.state === 'running';

async function gone(pid: number): Promise<void> {
  const deadline = liveClock.elapsed() + 5_000;
  while (identify(pid) !== undefined) {
    if (liveClock.elapsed() > deadline) throw new Error(`${pid} still runs`);
    await liveClock.sleep(10);
  }
}

describe('a supervisor', () => {
  it('starts parts after those that they need, and stops all of them', async () => {
    const { supervisor, files } = await start(part('late', GOOD, ['early']), part('early', GOOD));
    const running = await until(supervisor, isRunning);
    expect(partOf(running, 'late').since).toBeGreaterThanOrEqual(partOf(running, 'early').since);
    expect(await readFile(files.logOf('late'), 'utf8')).toBe('good morning\n');
    await supervisor.stop();
    expect(supervisor.status().state).toBe('stopped');
    for (const each of running.parts) expect(identify(each.pid ?? 0)).toBeUndefined();
  });

  it('reports a part that ends at its start within 500 ms, with its last lines, and stops the rest', async () => {
    const { supervisor } = await start(part('steady', GOOD), part('broken', BROKEN));
    const exited = await until(supervisor, (each) => partOf(each, 'broken').state === 'failed');
    const failedAt = partOf(exited, 'broken').since;
    const failed = await until(supervisor, (each) => each.failure?.lines.length === 1);
    expect(liveClock.now() - failedAt).toBeLessThan(500);
    expect(failed.failure).toEqual({
      part: 'broken',
      exit: { code: 7, signal: null },
      lines: ['no tea left'],
    });
    await supervisor.ended;
    expect(partOf(supervisor.status(), 'steady').state).toBe('stopped');
  });

  it('says so when a program does not exist at all', async () => {
    const { supervisor } = await start({ ...part('ghost', ''), command: ['/no/such/program'] });
    await supervisor.ended;
    expect(supervisor.status().failure).toMatchObject({ part: 'ghost', exit: { code: null } });
  });

  it('starts a part again that crashes later', async () => {
    const { supervisor } = await start(part('phoenix', GOOD));
    const before = partOf(await until(supervisor, isRunning), 'phoenix');
    void supervisor.part('phoenix').kill();
    const status = await until(
      supervisor,
      (each) => partOf(each, 'phoenix').restarts === 1 && partOf(each, 'phoenix').state === 'ready',
    );
    const reborn = partOf(status, 'phoenix');
    expect(reborn.pid).not.toBe(before.pid);
    expect(reborn.lastExit).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('kills a part that ignores SIGTERM, with all that it started', async () => {
    const child = `require('node:child_process').spawn('sleep', ['600'], { stdio: 'inherit' });`;
    const { supervisor } = await start(part('deaf', child + DEAF));
    const { pid = 0 } = partOf(await until(supervisor, isRunning), 'deaf');
    const family = familyOf(pid);
    expect(family).toHaveLength(2);
    const begin = liveClock.elapsed();
    await supervisor.stop();
    expect(liveClock.elapsed() - begin).toBeGreaterThan(4_900);
    for (const member of family) await gone(member);
  });

  it('freezes a part and thaws it, and can stop a frozen one', async () => {
    const { supervisor, files } = await start(part('sleeper', GOOD));
    const { pid } = partOf(await until(supervisor, isRunning), 'sleeper');
    await callSupervisor(files, { do: 'pause', part: 'sleeper' });
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '(x) T');
    expect(stat).toMatch(/\) T/);
    await callSupervisor(files, { do: 'resume', part: 'sleeper' });
    await callSupervisor(files, { do: 'pause', part: 'sleeper' });
    const begin = liveClock.elapsed();
    await supervisor.stop();
    expect(liveClock.elapsed() - begin).toBeLessThan(2_000);
  });

  it('does not call a part paused that has just died, or is not there yet', async () => {
    const { supervisor, files } = await start(part('sleeper', GOOD));
    const { pid = 0 } = partOf(await until(supervisor, isRunning), 'sleeper');
    process.kill(pid, 'SIGKILL');
    const pause = () => callSupervisor(files, { do: 'pause', part: 'sleeper' });
    await expect(pause()).rejects.toMatchObject({
      code: 'not-ready',
      message: 'sleeper is being started: there is nothing to pause',
    });
    const reborn = await until(
      supervisor,
      ({ parts }) => parts[0]?.state === 'ready' && parts[0].pid !== pid,
    );
    await pause();
    expect(isFrozen(partOf(reborn, 'sleeper').pid ?? 0)).toBe(true);
    expect(partOf(supervisor.status(), 'sleeper').state).toBe('paused');
  });

  it('feels the pulse of each part: one that hangs does not answer, however often it is asked', async () => {
    const entry = path.join(import.meta.dirname, '../supervision.ts');
    const script = `import(${JSON.stringify(entry)}).then(({ openSupervision }) => {
      process.on('SIGTERM', () => process.exit(0));
      openSupervision(process).ready(() => process.env.TROUBLE);
    });`;
    const command = [process.execPath, '--import', 'tsx', '-e', script] as const;
    const hanging: PartSpec = { name: 'payment-2', command, environment: {}, after: [] };
    const cutOff = { ...hanging, name: 'payment', environment: { TROUBLE: 'cut off' } };
    const { supervisor } = await start(hanging, cutOff, part('mute', GOOD));
    const { pid = 0 } = partOf(await until(supervisor, isRunning), 'payment-2');
    expect(partOf(await supervisor.inspect(), 'payment-2').health).toEqual({ ok: true });
    process.kill(pid, 'SIGSTOP');
    await supervisor.inspect();
    const seen = await supervisor.inspect();
    expect(partOf(seen, 'payment-2').health).toMatchObject({ ok: false, detail: LOST });
    expect(partOf(seen, 'payment').health).toEqual({ ok: false, detail: 'cut off' });
    expect(partOf(seen, 'mute').health).toBeUndefined();
    expect(seen.probeError).toBe('payment-2: no answer in time; payment: cut off');
    process.kill(pid, 'SIGCONT');
    await expect
      .poll(async () => partOf(await supervisor.inspect(), 'payment-2').health)
      .toEqual({ ok: true });
  });

  it('refuses a part that it does not have, over its socket too', async () => {
    const { files } = await start(part('only', GOOD));
    await expect(callSupervisor(files, { do: 'restart', part: 'dormouse' })).rejects.toThrow(
      'has no part "dormouse"',
    );
  });

  it('listens at a path that is too long for a socket, and leaves nothing there', async () => {
    const base = await mkdtemp(path.join(os.tmpdir(), 'wonderland-deep-'));
    closing.defer(() => rm(base, { recursive: true, force: true }));
    const files = filesOf(path.join(base, 'ünï cödé '.repeat(12)), 'test');
    const host = await startHost({
      files,
      record: recordOf(files),
      parts: [part('only', GOOD)],
      clock: liveClock,
    });
    closing.use(host);
    await until(host.supervisor, isRunning);
    expect((await callSupervisor(files, { do: 'status' })).status?.state).toBe('running');
    await host[Symbol.asyncDispose]();
    expect(existsSync(path.dirname(files.socket))).toBe(false);
  });
});

describe('a supervisor that was killed', () => {
  it('takes its parts with it; what ignores that is removed by stopping the stack', async () => {
    const { stateDir, files } = await temporaryFiles();
    const parts = [part('good', GOOD), part('deaf', DEAF)];
    const entry = path.join(import.meta.dirname, 'process.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', entry], {
      stdio: ['pipe', 'ignore', 'inherit'],
    });
    closing.defer(() => child.kill('SIGKILL'));
    child.stdin.end(JSON.stringify({ stateDir, record: recordOf(files), parts }));
    while (readState(files)?.status.state !== 'running') await liveClock.sleep(20);
    const { parts: running } = await readStatus({ stateDir, name: 'test' });
    const pidOf = (name: string): number => running.find((each) => each.name === name)?.pid ?? 0;

    child.kill('SIGKILL');
    await once(child, 'exit');
    await gone(pidOf('good'));
    expect(identify(pidOf('deaf'))).toBeDefined();
    expect((await readStatus({ stateDir, name: 'test' })).state).toBe('crashed');

    await stopStack({ stateDir, name: 'test', clock: liveClock });
    expect(identify(pidOf('deaf'))).toBeUndefined();
    expect((await readStatus({ stateDir, name: 'test' })).state).toBe('stopped');
    expect(existsSync(files.socket)).toBe(false);
  });
});
