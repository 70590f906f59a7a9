import { expect, test } from 'vitest';

import { wishOf, type FaultSetFlags } from './input.ts';

const wish = (place: string | undefined, flags: FaultSetFlags) => wishOf({ place, ...flags }, 'h1');

test('a fault by hand hits every order, each message, for ten minutes', () => {
  expect(wish('payment.charge@handle', { decline: 'lost_card' })).toEqual({
    does: 'arm',
    leaseMs: 600_000,
    fault: {
      id: 'h1',
      run: '*',
      service: 'payment',
      message: 'payment.charge',
      point: 'handle',
      action: { verb: 'decline', reason: 'lost_card' },
      nth: 1,
    },
  });
});

test('a part is killed once, unless more is asked for', () => {
  const crash = { action: { verb: 'crash' } };
  expect(wish('inventory.reserve@ack', { crash: true })).toMatchObject({
    fault: { ...crash, times: 1 },
  });
  expect(wish('inventory.reserve@ack', { crash: true, times: '3' })).toMatchObject({
    fault: { ...crash, times: 3 },
  });
});

test('how often is taken as it is written', () => {
  expect(
    wish('*.*@deliver', { delay: '0s..50ms', rate: '20%', times: '7', for: 1_000 }),
  ).toMatchObject({
    leaseMs: 1_000,
    fault: { service: '*', message: '*', rate: 0.2, times: 7, action: { minMs: 0, maxMs: 50 } },
  });
});

test('a part is cut off for ten seconds, and a clock wrong for a minute', () => {
  expect(wish(undefined, { partition: 'payment' })).toEqual({
    does: 'partition',
    service: 'payment',
    forMs: 10_000,
  });
  expect(wish(undefined, { skew: 'mediator', by: '-30s' })).toEqual({
    does: 'skew',
    service: 'mediator',
    byMs: -30_000,
    forMs: 60_000,
  });
});

test.each<[string | undefined, FaultSetFlags, string]>([
  [undefined, { drop: true }, 'A place is missing'],
  ['payment.charge@reply', {}, 'Nothing is said to happen'],
  ['payment.charge@reply', { drop: true, crash: true }, '--drop and --crash are given together'],
  ['payment.charge@reply', { drop: true, by: '+1m' }, '--by does not go with a place'],
  ['payment.charge@reply', { drop: true, times: '0' }, '--times takes a whole number'],
  ['payment.charge@reply', { drop: true, for: 3_600_001 }, '--for takes 1ms to 1h'],
  ['payment.charge@reply', { corrupt: 'jsn' }, '--corrupt: "jsn" is not a part of a message'],
  ['payment.*@reply', { drop: true, nth: 2 }, 'a fault at many messages'],
  ['payment.charge@reply', { partition: 'payment' }, 'A place does not go with --partition'],
  [undefined, { partition: 'broker' }, '--partition knows no part "broker"'],
  [undefined, { skew: 'mediator', by: '10m' }, '--by: "10m" is not how wrong the clock is'],
  [undefined, { partition: 'payment', for: 600_001 }, '--for takes 1ms to 10m here'],
])('%s %o is refused', (place, flags, problem) => {
  expect(() => wish(place, flags)).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: expect.stringMatching(new RegExp(problem.replaceAll(/[*"]/g, '.'), 'i')) as unknown,
    }),
  );
});

test('a part in the place of a place is refused with the command that was meant', () => {
  expect(() => wish('payment', { crash: true })).toThrow(
    expect.objectContaining({
      code: 'usage',
      message: 'payment is a part, and no place of a message',
      hint: 'To kill it now: `wonderland kill payment`. A place of every message it handles: payment.*@handle.',
    }),
  );
  // Nobody who wants a message to get lost wants to kill.
  expect(() => wish('payment', { drop: true })).toThrow(
    expect.objectContaining({ hint: 'A place of every message it handles: payment.*@handle.' }),
  );
});
