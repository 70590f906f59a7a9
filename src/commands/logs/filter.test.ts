import { expect, test } from 'vitest';

import { parseInstant, readFilter } from './filter.ts';

const NOW = Date.parse('2026-08-06T12:00:00Z');

test('no flags mean everything but what is said for debugging', () => {
  expect(readFilter({ services: [] }, NOW)).toEqual({ minLevel: 'info' });
  expect(readFilter({ services: [], level: 'debug' }, NOW)).toEqual({ minLevel: 'debug' });
});

test('all filters combine', () => {
  const filter = readFilter(
    { services: ['payment'], since: '10m', level: 'WARN', grep: 'decl.ned', order: '01980C3E' },
    NOW,
  );
  expect(filter).toMatchObject({
    services: ['payment'],
    since: NOW - 600_000,
    minLevel: 'warn',
    orderId: '01980c3e',
  });
  expect(filter.grep?.test('DECLINED')).toBe(true);
});

test('an instance is known by its service', () => {
  expect(readFilter({ services: ['mediator-2'] }, NOW).services).toEqual(['mediator-2']);
  expect(() => readFilter({ services: ['mediatr-2'] }, NOW)).toThrow('no service');
});

test('a point in time may be absolute', () => {
  expect(parseInstant('--since', '2026-08-06T11:00:00Z', NOW)).toBe(NOW - 3_600_000);
});

test.each([
  [{ services: ['paymnet'] }, 'Did you mean "payment"?'],
  [{ services: [], level: 'wran' }, 'Did you mean "warn"?'],
  [{ services: [], since: 'yesterday' }, '10m'],
  [{ services: [], grep: '(' }, 'backslash'],
  [{ services: [], order: 'alice' }, 'wonderland orders'],
])('a filter that makes no sense says what does: %j', (flags, hint) => {
  expect(() => readFilter(flags, NOW)).toThrow(
    expect.objectContaining({ code: 'usage', hint: expect.stringContaining(hint) }),
  );
});
