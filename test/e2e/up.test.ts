import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { freeOffset, StackHome, type Status } from './stack-home.ts';

let home: StackHome;
beforeEach(async () => {
  home = await StackHome.open();
});
afterEach(() => home[Symbol.asyncDispose]());

const pidsOf = ({ parts }: Status): readonly (number | undefined)[] => parts.map(({ pid }) => pid);

describe('up', () => {
  test('is short, ends when the stack is ready, and a second one changes nothing', async () => {
    const first = await home.running();
    expect(`${first.stderr}${first.stdout}`.trimEnd().split('\n').length).toBeLessThanOrEqual(15);
    expect(first.stderr).not.toContain('warning');
    const before = await home.status();
    expect(before.parts.map((part) => part.state)).toEqual(Array(8).fill('ready'));

    const second = await home.up();
    expect(second.stdout).toContain('runs already');
    const after = await home.status();
    expect(pidsOf(after)).toEqual(pidsOf(before));
    expect(after.supervisorPid).toBe(before.supervisorPid);
  });

  test('two at once start one stack', async () => {
    const runs = await Promise.all([home.up(), home.up()]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    expect(runs.filter(({ stdout }) => stdout.includes('runs already'))).toHaveLength(1);
    const { parts, supervisorPid } = await home.status();
    const postmasterAndBackends = 1;
    expect(home.processes().length).toBeGreaterThanOrEqual(parts.length + postmasterAndBackends);
    const cliProcesses = home
      .processes()
      .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('wonderland.js'));
    expect(cliProcesses).toHaveLength(parts.length);
    expect(supervisorPid).toBeDefined();
  });

  test('names every port that is taken and who holds it, before anything starts', async () => {
    const servers = [createServer(), createServer()];
    const offset = await freeOffset();
    for (const [index, server] of servers.entries()) {
      server.listen(4_242 + offset + index, '127.0.0.1');
      await once(server, 'listening');
    }
    try {
      const { code, stderr } = await home.cli(['up', '--port-offset', String(offset)]);
      expect(code).toBe(4);
      expect(stderr).toContain(`${4_242 + offset} (mediator) is held by PID ${process.pid}`);
      expect(stderr).toContain(`${4_243 + offset} (broker) is held by PID ${process.pid}`);
      expect(stderr).toContain('--port-offset');
      expect(home.processes()).toEqual([]);
    } finally {
      for (const server of servers) server.close();
    }
  });

  test('reports a part that fails at its start with code 6, stops the rest and keeps the data', async () => {
    const inventory = home.file('data/inventory.db');
    mkdirSync(path.dirname(inventory), { recursive: true });
    writeFileSync(inventory, 'This is not a database, said the Hatter.'.repeat(100));
    const { code, stderr } = await home.up();
    expect(code).toBe(6);
    expect(stderr).toMatch(/inventory ended with exit code \d+ before it was ready/);
    expect(stderr).toContain('not a database');
    expect(home.processes()).toEqual([]);
    expect(readFileSync(inventory, 'utf8')).toContain('said the Hatter');
  });

  test('says what is not ready when the time is up, with code 5', async () => {
    const { code, stderr } = await home.cli(['up', '--ports', 'auto', '--timeout', '1.5s']);
    expect(code).toBe(5);
    expect(stderr).toMatch(/Not ready after 2 s:\n {2}\w+: (starting|waiting)/);
    expect(home.processes()).toEqual([]);
  });

  test('says which servers of others cannot be used before it starts anything, with code 4', async () => {
    const { code, stderr } = await home.cli(['up', '--ports', 'auto'], {
      env: {
        WONDERLAND_AMQP_URL: 'amqp://guest:hush@127.0.0.1:1',
        WONDERLAND_DATABASE_URL: 'postgres://nobody:hush@127.0.0.1:1/nothing',
      },
    });
    expect(code).toBe(4);
    expect(stderr).toContain('No broker listens at 127.0.0.1:1');
    expect(stderr).toContain('No PostgreSQL listens at 127.0.0.1:1');
    expect(stderr).toContain('WONDERLAND_AMQP_URL');
    expect(stderr).not.toContain('hush');
    expect(home.processes()).toEqual([]);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    '%s stops what was started, and says so at once',
    async (signal) => {
      let sentAt = 0;
      let answeredMs = Number.NaN;
      const { code } = await home.cli(['up', '--ports', 'auto'], {
        meanwhile(child) {
          child.stderr?.on('data', (text: string) => {
            if (text.includes('Stopping')) answeredMs = performance.now() - sentAt;
            if (sentAt > 0 || !text.includes('broker ready')) return;
            sentAt = performance.now();
            child.kill(signal);
          });
        },
      });
      expect(code).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
      expect(answeredMs).toBeLessThan(150);
      expect(home.processes()).toEqual([]);
    },
  );

  test('killed without a chance to clean up, it leaves nothing that `down` does not remove', async () => {
    const run = home.cli(['up', '--ports', 'auto'], {
      meanwhile: (child) => child.stderr?.on('data', (text) => kills(child, String(text))),
    });
    expect((await run).signal).toBe('SIGKILL');
    expect((await home.cli(['down'])).code).toBe(0);
    expect(home.processes()).toEqual([]);
  });

  function kills(child: ChildProcess, text: string): void {
    if (text.includes('broker ready')) child.kill('SIGKILL');
  }
});
