import { expect, it } from 'vitest';

import { UserError } from '../kernel/errors.ts';
import { askAgain, problemOf } from './http-errors.ts';

/** As the client of PostgreSQL says that it is read-only. */
const READ_ONLY = Object.assign(new Error('cannot execute INSERT in a read-only transaction'), {
  code: '25006',
});

const hintFor = (method: string, url: string): string | undefined =>
  problemOf(READ_ONLY, askAgain(method, url)).body.error.hint;

it('tells only who places an order to repeat its key', () => {
  expect(hintFor('POST', '/orders')).toContain('Idempotency-Key');
  for (const [method, url] of [
    ['GET', '/orders'],
    ['GET', '/orders/:id'],
    ['POST', '/orders/:id/cancel'],
    ['POST', '/dead-letters/retry'],
  ] as const) {
    expect(hintFor(method, url)).toMatch(/^Ask again in a moment/);
    expect(hintFor(method, url)).not.toContain('Idempotency-Key');
  }
});

it('keeps the hint of an error that has one', () => {
  const error = new UserError('overloaded', 'Not now', { hint: 'In a second.' });
  expect(problemOf(error, 'Ask again.').body.error.hint).toBe('In a second.');
});
