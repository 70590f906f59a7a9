import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runCli, type CliOptions, type CliRun } from './run-cli.ts';

/** A folder with scenario files and the state of one stack that is up for all tests. */
const folder = mkdtempSync(path.join(os.tmpdir(), 'wonderland-watch-'));
const env = { WONDERLAND_STATE_DIR: path.join(folder, 'state') };

function cli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  return runCli(args, { cwd: folder, env, ...options });
}

function writeScenario(name: string, rest: string): void {
  const head = `scenario: ${name}\nabout: A test.\ngiven: { books: { 42: { stock: 5, price: 39.00 } } }`;
  writeFileSync(path.join(folder, `${name}.yaml`), `${head}\n${rest}\n`);
}

const ORDER = 'steps: [{ order: { id: o1, customer: alice, book: 42 } }]';

beforeAll(async () => {
  const up = await cli(['up', '--ports', 'auto']);
  expect(up.stderr + up.stdout).toContain('ready');
  expect(up.code).toBe(0);
});
afterAll(async () => {
  await cli(['down']);
  rmSync(folder, { recursive: true, force: true });
});

test('a saved file is played again, a mistake is shown and waited for, and Ctrl-C ends it', async () => {
  writeScenario('watched', ORDER);
  let seen = '';
  const until = async (text: string): Promise<void> => {
    for (const deadline = performance.now() + 30_000; !seen.includes(text);) {
      if (performance.now() > deadline) throw new Error(`"${text}" did not come: ${seen}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    seen = '';
  };
  const edit = async (child: ChildProcess): Promise<void> => {
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (text: string) => (seen += text));
    await until('Waiting for a file');
    writeScenario('watched', `${ORDER}\nexpct: {}`);
    await until('unknown key "expct". Did you mean "expect"?');
    writeScenario('watched', `${ORDER}\nexpect: { order: { o1: rejected } }`);
    await until('✖ 1 failed');
    child.kill('SIGINT');
  };
  const problems: unknown[] = [];
  const { code } = await cli(['scenario', 'run', 'watched.yaml', '--watch'], {
    meanwhile: (child) =>
      void edit(child).catch((error: unknown) => {
        problems.push(error);
        child.kill('SIGKILL');
      }),
  });
  expect(problems).toEqual([]);
  expect(code).toBe(130);
});

test('--watch --json prints a document per round, each on its line, and none for Ctrl-C', async () => {
  writeScenario('rounds', `${ORDER}\nexpct: {}`);
  let printed = '';
  const { code } = await cli(['scenario', 'run', 'rounds.yaml', '--watch', '--json'], {
    meanwhile: (child) =>
      child.stdout?.on('data', (text: string) => {
        printed += text;
        if (!printed.endsWith('\n')) return;
        if (printed.trimEnd().includes('\n')) child.kill('SIGINT');
        else writeScenario('rounds', ORDER);
      }),
  });
  expect(code).toBe(130);
  const rounds = printed.trimEnd().split('\n');
  expect(rounds.map((line) => Object.keys(JSON.parse(line))[0])).toEqual(['error', 'stack']);
});
