import { expect, test } from 'vitest';

import { inLanes } from './lanes.ts';

test('items are begun in order, so many at a time', async () => {
  let running = 0;
  let most = 0;
  const begun: number[] = [];
  await inLanes([1, 2, 3, 4, 5], 2, async (item, index) => {
    begun.push(item * 10 + index);
    most = Math.max(most, ++running);
    await Promise.resolve();
    running--;
  });
  expect(begun).toEqual([10, 21, 32, 43, 54]);
  expect(most).toBe(2);
});

test('after a failure what is being done is waited for, and nothing more is begun', async () => {
  let release = (): void => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  const log: string[] = [];
  const done = inLanes(['fails', 'slow', 'never'], 2, async (item) => {
    log.push(item);
    if (item === 'fails') throw new Error('the first');
    await slow;
    log.push('slow has ended');
    throw new Error('the second');
  }).catch((error: unknown) => log.push(String(error)));
  setImmediate(release);
  await done;
  expect(log).toEqual(['fails', 'slow', 'slow has ended', 'Error: the first']);
});
