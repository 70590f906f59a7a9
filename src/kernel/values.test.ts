// Durations, money, ids, chance and traces: small pure values.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatDuration, parseDuration, tryParseDuration } from './durations.ts';
import { seededIds } from './ids.ts';
import { liveClock, liveIds } from './live.ts';
import { formatCents, formatMoney, parseCents } from './money.ts';
import { seededRandom } from './random.ts';
import { newTraceparent, traceIdOf } from './trace.ts';

describe('durations', () => {
  test.each([
    ['250ms', 250],
    ['5s', 5_000],
    ['1.5m', 90_000],
    ['2 h', 7_200_000],
    ['1d', 86_400_000],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '5', 's', '-1s', '5 parsecs', '1e3ms'])(
    '"%s" is none, and the error says what is',
    (text) => {
      expect(tryParseDuration(text)).toBeUndefined();
      expect(() => parseDuration(text)).toThrow(/is not a duration/);
    },
  );

  test('are told in the unit that fits', () => {
    expect([0.42, 42, 1_234, 12_345, 125_000].map(formatDuration)).toEqual([
      '0.4 ms',
      '42 ms',
      '1.23 s',
      '12.3 s',
      '2 min 5 s',
    ]);
  });
});

describe('money', () => {
  test('is written with two decimals and its currency', () => {
    expect([formatCents(3_900), formatCents(-5), formatMoney(1_250)]).toEqual([
      '39.00',
      '-0.05',
      '12.50 EUR',
    ]);
  });

  test('is read back as it was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: -99_999_999, max: 99_999_999 }), (cents) => {
        expect(parseCents(formatCents(cents)) ?? NaN).toBe(cents === 0 ? 0 : cents);
      }),
    );
  });

  test.each(['1.234', '1,50', 'ten', '', '1.'])('"%s" is no amount', (text) => {
    expect(parseCents(text)).toBeUndefined();
  });
});

describe('chance', () => {
  test('repeats itself under the same seed, and streams do not shift each other', () => {
    const draws = (seed: number, extra: number): number[] => {
      const random = seededRandom(seed);
      for (let i = 0; i < extra; i++) random.stream('other').next();
      const stream = random.stream('one');
      return [stream.next(), stream.next(), stream.integer(1, 6)];
    };
    expect(draws(7, 0)).toEqual(draws(7, 100));
    expect(draws(7, 0)).not.toEqual(draws(8, 0));
  });

  test('integers reach both ends and nothing beyond', () => {
    const random = seededRandom(1);
    const seen = new Set(Array.from({ length: 500 }, () => random.integer(1, 6)));
    expect([...seen].toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe('ids', () => {
  test('are version 7 UUIDs: valid, unique, ordered by time', () => {
    let now = 1_700_000_000_000;
    const ids = seededIds({ ...liveClock, now: () => now++ }, seededRandom(3));
    const made = Array.from({ length: 100 }, () => ids.uuid());
    for (const id of made) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
    expect(made.toSorted()).toEqual(made);
    expect(new Set(made).size).toBe(100);
  });

  test('make a traceparent whose trace id can be read', () => {
    const traceparent = newTraceparent(liveIds);
    expect(traceIdOf(traceparent)).toMatch(/^[0-9a-f]{32}$/);
    expect(traceIdOf('nonsense')).toBeUndefined();
  });
});
