import { expect, test } from 'vitest';

import { labelOf, partsOf } from './run-label.ts';

test('a label is the run and the order, and comes apart again', () => {
  expect(labelOf('race-a1', 'o1')).toBe('race-a1/o1');
  expect(partsOf('race-a1/o1')).toEqual({ run: 'race-a1', order: 'o1' });
});

test('a label without an order is the run alone', () => {
  expect(labelOf('race-a1', undefined)).toBe('race-a1');
  expect(partsOf('race-a1')).toEqual({ run: 'race-a1' });
});
