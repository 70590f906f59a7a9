import { expect, test } from 'vitest';

import { firstLimit, nextLimit } from './admission-limit.ts';

const QUICK = [300, 400, 500];
const SLOW = [9_000, 10_000, 11_000];

test('orders that take their time leave the limit as it was configured', () => {
  expect(nextLimit({ limit: 1_000, highest: 1_000, tookMs: QUICK })).toBe(1_000);
});

test('it falls step by step while orders take too long, and never so low that a part has nothing to do', () => {
  const limits = [1_000];
  for (let look = 0; look < 20; look++) {
    limits.push(nextLimit({ limit: limits.at(-1) ?? 0, highest: 1_000, tookMs: SLOW }));
  }
  expect(limits[1]).toBe(500);
  expect(limits).toEqual(limits.toSorted((a, b) => b - a));
  expect(limits.at(-1)).toBe(64);
});

test('it rises again when they are quick', () => {
  expect(nextLimit({ limit: 100, highest: 1_000, tookMs: QUICK })).toBe(125);
  expect(nextLimit({ limit: 900, highest: 1_000, tookMs: QUICK })).toBe(1_000);
});

test('without news it rises to what it was at the beginning, and what was proven stays', () => {
  expect(firstLimit(1_000)).toBe(500);
  expect(nextLimit({ limit: 100, highest: 1_000, tookMs: [] })).toBe(125);
  expect(nextLimit({ limit: 450, highest: 1_000, tookMs: [] })).toBe(500);
  expect(nextLimit({ limit: 800, highest: 1_000, tookMs: [] })).toBe(800);
});

test('a few that wait for a provider of their own change nothing', () => {
  expect(nextLimit({ limit: 500, highest: 500, tookMs: [...QUICK, 40_000, 40_000] })).toBe(500);
});

test('a limit below the lowest is kept', () => {
  expect(nextLimit({ limit: 3, highest: 3, tookMs: SLOW })).toBe(3);
});
