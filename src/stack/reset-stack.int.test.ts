import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { liveClock as clock } from '../kernel/live.ts';
import { resetStack } from './reset-stack.ts';
import { filesOf, makeDirectories } from './stack-files.ts';

let parent = '';
beforeEach(async () => {
  parent = await mkdtemp(path.join(os.tmpdir(), 'wonderland-reset-'));
});
afterEach(() => rm(parent, { recursive: true, force: true }));

it('the last stack that is reset takes the empty directories above it along', async () => {
  const stateDir = path.join(parent, '.wonderland');
  for (const name of ['a', 'b']) makeDirectories(filesOf(stateDir, name));
  await resetStack({ stateDir, name: 'a', clock });
  expect(existsSync(filesOf(stateDir, 'b').data)).toBe(true);
  await resetStack({ stateDir, name: 'b', clock });
  expect(existsSync(stateDir)).toBe(false);
});

it('a state directory that the user chose stays', async () => {
  makeDirectories(filesOf(parent, 'a'));
  await resetStack({ stateDir: parent, name: 'a', clock });
  expect(existsSync(path.join(parent, 'stacks'))).toBe(false);
  expect(existsSync(parent)).toBe(true);
});
