import { describe, expect, test } from 'vitest';

import type { Fault } from '../contracts/faults.ts';
import { liveClock } from '../kernel/live.ts';
import { FaultBoard } from './faults.ts';

const declining = (options: Partial<Fault> = {}): Fault => ({
  id: 'f1',
  run: 'r1',
  service: 'payment',
  message: 'payment.charge',
  point: 'handle',
  action: { verb: 'decline', reason: 'no' },
  nth: 1,
  times: 1,
  ...options,
});

const board = (now = { ms: 0 }) =>
  new FaultBoard('payment', { ...liveClock, elapsed: () => now.ms });
const charge = { type: 'payment.charge', run: 'r1' };

describe('a fault board', () => {
  test('hits the n-th match, so many times, and reports how often it fired', () => {
    const faults = board();
    faults.arm([declining({ nth: 2, times: 2 })], 1_000);
    const hits = Array.from({ length: 5 }, () => faults.at('handle', charge).length > 0);
    expect(hits).toEqual([false, true, true, false, false]);
    expect(faults.clear('r1').reports).toEqual([{ faultId: 'f1', service: 'payment', fired: 2 }]);
  });

  test('leaves other runs, messages, points and services alone', () => {
    const faults = board();
    faults.arm([declining({ times: 9 }), declining({ id: 'f2', service: 'inventory' })], 1_000);
    expect(faults.at('handle', { type: 'payment.charge' })).toEqual([]);
    expect(faults.at('handle', { ...charge, run: 'r2' })).toEqual([]);
    expect(faults.at('reply', charge)).toEqual([]);
    expect(faults.at('handle', { ...charge, type: 'payment.void' })).toEqual([]);
    expect(faults.clear('r1').reports.map((each) => each.faultId)).toEqual(['f1']);
  });

  test('answers all that are due at one point, so that a delay never hides a decline', () => {
    const faults = board();
    const delay = { verb: 'delay', minMs: 1, maxMs: 2 } as const;
    faults.arm([declining({ id: 'slow', message: '*', action: delay }), declining()], 1_000);
    expect(faults.at('handle', charge).map((each) => each.verb)).toEqual(['delay', 'decline']);
  });

  test('counts what passed, for the near misses of a fault that never fired', () => {
    const faults = board();
    faults.arm([declining({ message: 'payment.refund' })], 1_000);
    faults.at('handle', charge);
    faults.at('handle', charge);
    expect(faults.clear('r1')).toMatchObject({
      passed: { 'payment.charge': 2 },
      reports: [{ fired: 0 }],
    });
  });

  test('forgets faults whose lease has ended, and a renewal keeps the counts', () => {
    const now = { ms: 0 };
    const faults = board(now);
    faults.arm([declining({ times: 3 })], 1_000);
    faults.at('handle', charge);
    now.ms = 900;
    faults.arm([declining({ times: 3 })], 1_000);
    now.ms = 1_800;
    expect(faults.at('handle', charge)).toHaveLength(1);
    now.ms = 3_000;
    expect(faults.at('handle', charge)).toEqual([]);
    expect(faults.clear('r1').reports[0]?.fired).toBe(2);
  });
});
