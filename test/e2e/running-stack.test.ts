import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { StackHome } from './stack-home.ts';

let home: StackHome;
beforeAll(async () => {
  home = await StackHome.open();
  await home.running();
});
afterAll(() => home[Symbol.asyncDispose]());

describe('restart', () => {
  test('starts one part anew while the others go on', async () => {
    const before = await home.status();
    expect((await home.cli(['restart', 'inventory'])).code).toBe(0);
    const after = await home.status();
    const changed = after.parts.filter(({ pid }, index) => pid !== before.parts[index]?.pid);
    expect(changed.map(({ name }) => name)).toEqual(['inventory']);
    const typo = await home.cli(['restart', 'invetory']);
    expect(typo.code).toBe(2);
    expect(typo.stderr).toContain('Did you mean "inventory"?');
  });
});

describe('kill, pause and resume', () => {
  const partOf = async (name: string) =>
    (await home.status()).parts.find((part) => part.name === name);

  test('a killed part comes back as another process', async () => {
    const before = await partOf('notification');
    expect((await home.cli(['kill', 'notification'])).code).toBe(0);
    const restarts = (before?.restarts ?? 0) + 1;
    const again = { restarts, state: 'ready' };
    await expect.poll(() => partOf('notification')).toMatchObject(again);
    expect((await partOf('notification'))?.pid).not.toBe(before?.pid);
  });

  test('a paused part stays paused until it is told to go on', async () => {
    const before = await partOf('notification');
    expect((await home.cli(['pause', 'notification'])).code).toBe(0);
    expect((await partOf('notification'))?.state).toBe('paused');
    expect((await home.cli(['resume', 'notification'])).code).toBe(0);
    expect(await partOf('notification')).toMatchObject({ state: 'ready', pid: before?.pid });
    const typo = await home.cli(['pause', 'notifcation']);
    expect(typo.code).toBe(2);
    expect(typo.stderr).toContain('Did you mean "notification"?');
  });
});

describe('env and doctor', () => {
  test('print settings that a shell takes as they are, and what they are worth', async () => {
    const { stdout } = await home.cli(['env', '--format', 'export']);
    const shell = spawn('sh', ['-c', `${stdout}\nprintf %s "$WONDERLAND_STATE_DIR"`]);
    const chunks: Buffer[] = [];
    shell.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    await once(shell, 'close');
    expect(Buffer.concat(chunks).toString('utf8')).toBe(home.state);

    const doctor = await home.cli(['doctor', '--json']);
    expect(doctor).toMatchObject({ code: 0 });
    const { result } = JSON.parse(doctor.stdout) as {
      result: { findings: Array<{ name: string }> };
    };
    expect(result.findings.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'sqlite', 'ports', 'broker', 'database', 'stack']),
    );
  });

  test('no password is printed by `up` or `ps`', async () => {
    const { stdout } = await home.up('--json');
    const password = readFileSync(home.file('data/postgres-password'), 'utf8');
    expect(password).toHaveLength(48);
    expect(stdout).not.toContain(password);
    expect((await home.cli(['ps', '--json'])).stdout).not.toContain(password);
    expect((await home.cli(['env'])).stdout).toContain(password);
  });
});

describe('reset', () => {
  test('lists what it removes, and stops and removes it only with a yes', async () => {
    const refused = await home.cli(['reset']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(home.file());
    expect(existsSync(home.file('data'))).toBe(true);
    expect((await home.cli(['reset', '--yes'])).code).toBe(0);
    expect(existsSync(home.file())).toBe(false);
  });
});
