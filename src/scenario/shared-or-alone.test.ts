import { expect, test } from 'vitest';

import { SharedOrAlone } from './shared-or-alone.ts';

function gate(): { readonly opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

test('those who share are in at the same time, one who is alone waits for them', async () => {
  const lock = new SharedOrAlone();
  const inside: string[] = [];
  const end = gate();
  const enter = (name: string) => async (): Promise<void> => {
    inside.push(name);
    await end.opened;
    inside.splice(inside.indexOf(name), 1);
  };
  const works = [lock.with('shared', enter('a')), lock.with('shared', enter('b'))];
  const alone = lock.with('alone', () => Promise.resolve([...inside]));
  const after = lock.with('shared', enter('c'));
  await Promise.resolve();
  expect(inside).toEqual(['a', 'b']);
  end.open();
  expect(await alone).toEqual([]);
  await Promise.all([...works, after]);
});

test('work that fails lets the next one in', async () => {
  const lock = new SharedOrAlone();
  await expect(lock.with('alone', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await lock.with('alone', () => Promise.resolve('in'))).toBe('in');
});
