import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { type CliRun } from './run-cli.ts';
import { StackHome, until } from './stack-home.ts';

let home: StackHome;
beforeEach(async () => {
  home = await StackHome.open();
});
afterEach(() => home[Symbol.asyncDispose]());

describe('down', () => {
  test('leaves no process, socket or lock, within 3 s, and keeps the data', async () => {
    await home.running();
    const begin = performance.now();
    const { code, stdout } = await home.cli(['down']);
    expect(performance.now() - begin).toBeLessThan(3_000);
    expect(code).toBe(0);
    expect(stdout).toContain('is stopped');
    expect(home.processes()).toEqual([]);
    const directory = home.file();
    expect(readdirSync(directory).toSorted()).toEqual(['data', 'logs', 'stack.json', 'state.json']);
    expect(existsSync(path.join(directory, 'data/postgres/PG_VERSION'))).toBe(true);
    expect((await home.status()).state).toBe('stopped');
  });

  test('of a stack that does not run is no error', async () => {
    const { code, stdout } = await home.cli(['down']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'The stack "default" was not running.\n' });
  });

  test('ends a stack whose supervisor hangs', { timeout: 40_000 }, async () => {
    await home.running();
    process.kill((await home.status()).supervisorPid ?? 0, 'SIGSTOP');
    expect((await home.cli(['down'])).code).toBe(0);
    expect(home.processes()).toEqual([]);
  });
});

describe('a supervisor that was killed', () => {
  test('shows as crashed, and `up` and `down` recover without hand work', async () => {
    await home.running();
    const before = await home.status();
    process.kill(before.supervisorPid ?? 0, 'SIGKILL');
    await until(() => home.processes().length === 0, 'the parts leave');
    const ps = await home.cli(['ps']);
    expect(ps.stdout).toContain('has crashed');
    expect((await home.cli(['env'])).code).toBe(3);

    await home.running();
    const again = await home.status();
    expect(again.state).toBe('running');
    process.kill(again.supervisorPid ?? 0, 'SIGKILL');
    expect((await home.cli(['down'])).code).toBe(0);
    expect(home.processes()).toEqual([]);
  });
});

describe('a part', () => {
  test('that is killed comes back by itself, the database without losing its server', async () => {
    await home.running();
    const before = await home.status();
    for (const name of ['postgres', 'payment']) {
      process.kill(before.parts.find((part) => part.name === name)?.pid ?? 0, 'SIGKILL');
    }
    await until(async () => {
      const { parts } = await home.status();
      return (
        parts.every((part) => part.state === 'ready') && parts.some((part) => part.restarts > 0)
      );
    }, 'both are ready again');
    expect((await home.cli(['wait', '--timeout', '10s'])).code).toBe(0);
    const { parts } = await home.status();
    expect(parts.filter((part) => part.restarts === 1).map((part) => part.name)).toEqual([
      'postgres',
      'payment',
    ]);
  });

  test('can be left out and run by hand against the running stack', async () => {
    await home.running('--except', 'payment');
    expect((await home.status()).parts.map(({ name }) => name)).not.toContain('payment');
    const byHand = await home.cli(['service', 'payment'], {
      meanwhile(child) {
        child.stderr?.on('data', (text) => {
          if (String(text).includes('serves')) child.kill('SIGINT');
        });
      },
    });
    expect(byHand).toMatchObject({ code: 130 });
  });
});

describe('up --foreground', () => {
  test('ends with Ctrl-C, and everything with it', async () => {
    let readyAt = 0;
    const { code } = await home.cli(['up', '--ports', 'auto', '--foreground'], {
      meanwhile(child) {
        child.stdout?.once('data', () => {
          readyAt = performance.now();
          child.kill('SIGINT');
        });
      },
    });
    expect(code).toBe(130);
    expect(performance.now() - readyAt).toBeLessThan(3_000);
    expect(home.processes()).toEqual([]);
  });

  test('ends well when somebody else says `down`', async () => {
    const downs: Array<Promise<CliRun>> = [];
    const { code } = await home.cli(['up', '--ports', 'auto', '--foreground'], {
      meanwhile: (child) => child.stdout?.once('data', () => downs.push(home.cli(['down']))),
    });
    expect(code).toBe(0);
    expect((await downs[0])?.code).toBe(0);
    expect(home.processes()).toEqual([]);
  });
});

describe('two stacks', () => {
  test('never touch each other', async () => {
    const runs = await Promise.all([home.up('--stack', 'a'), home.up('--stack', 'b')]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    await home.cli(['reset', '--yes', '--stack', 'a']);
    expect((await home.status('a')).state).toBe('stopped');
    expect((await home.status('b')).state).toBe('running');
    expect((await home.cli(['wait', '--stack', 'b', '--timeout', '1s'])).code).toBe(0);
  });
});
