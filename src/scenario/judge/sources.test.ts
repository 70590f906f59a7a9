import { expect, test } from 'vitest';

import { sourcesOf } from './sources.ts';

test('a look asks only the parts that its claims are about', () => {
  const status = { kind: 'order', order: 'o1', status: 'confirmed' } as const;
  const paid = { kind: 'paid', order: 'o1', cents: 0 } as const;
  const mails = { kind: 'mails', order: 'o1', amount: { comparison: '=', value: 1 } } as const;
  expect(sourcesOf([status])).toEqual([]);
  expect(sourcesOf([mails, status, paid, paid])).toEqual(['payment', 'notification']);
});
