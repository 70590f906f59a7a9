import { describe, expect, test } from 'vitest';

import { EVERY_RUN, type Fault } from '../contracts/faults.ts';
import { liveClock, liveRandom } from '../kernel/live.ts';
import { FaultBoard, ORDER_PLACE } from './faults.ts';
import type { Passing } from './passing.ts';

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
  new FaultBoard({
    service: 'payment',
    clock: { ...liveClock, elapsed: () => now.ms },
    random: liveRandom,
  });
const charge: Passing = {
  type: 'payment.charge',
  id: 'm1',
  run: 'r1/o1',
  correlationId: 'order',
  traceparent: undefined,
  attempt: 1,
};
const isHit = (faults: FaultBoard, message: Passing = charge): boolean =>
  faults.at('handle', message).length > 0;
const reportsOf = (faults: FaultBoard) => faults.clear({ run: 'r1' }).reports;

describe('a fault board', () => {
  test('hits the n-th match, so many times, and reports how often it fired', () => {
    const faults = board();
    faults.arm([declining({ nth: 2, times: 2 })], 1_000);
    const hits = Array.from({ length: 5 }, () => isHit(faults));
    expect(hits).toEqual([false, true, true, false, false]);
    expect(reportsOf(faults)).toEqual([{ faultId: 'f1', service: 'payment', fired: 2 }]);
  });

  test('leaves other runs, messages, points and services alone', () => {
    const faults = board();
    faults.arm([declining({ times: 9 }), declining({ id: 'f2', service: 'inventory' })], 1_000);
    expect(isHit(faults, { ...charge, run: undefined })).toBe(false);
    expect(isHit(faults, { ...charge, run: 'r2/o1' })).toBe(false);
    expect(isHit(faults, { ...charge, run: 'r11' })).toBe(false);
    expect(faults.at('reply', charge)).toEqual([]);
    expect(isHit(faults, { ...charge, type: 'payment.void' })).toBe(false);
    expect(reportsOf(faults).map((each) => each.faultId)).toEqual(['f1']);
  });

  test('hits all orders of its run, or only the one it names', () => {
    const faults = board();
    faults.arm([declining({ order: 'o2' }), declining({ id: 'f2', times: 2 })], 1_000);
    const ids = (message: Passing) => faults.at('handle', message).map((each) => each.fault.id);
    expect(ids(charge)).toEqual(['f2']);
    expect(ids({ ...charge, run: 'r1/o2' })).toEqual(['f1', 'f2']);
  });

  test('hits only the attempt it names', () => {
    const faults = board();
    faults.arm([declining({ attempt: 2 })], 1_000);
    expect(isHit(faults)).toBe(false);
    expect(isHit(faults, { ...charge, attempt: 2 })).toBe(true);
  });

  test('of every run hits what belongs to orders, and neither canaries nor audits nor log records', () => {
    const faults = board();
    faults.arm([declining({ run: EVERY_RUN, message: '*', times: 9 })], 1_000);
    const { run: _, correlationId: __, ...loose } = charge;
    const without = { ...loose, run: undefined, correlationId: undefined };
    for (const type of ['participant.ping', 'payment.audit', 'log.records']) {
      expect(isHit(faults, { ...without, type })).toBe(false);
    }
    expect(isHit(faults, { ...without, type: ORDER_PLACE })).toBe(true);
    expect(isHit(faults, { ...charge, run: undefined })).toBe(true);
    expect(isHit(faults)).toBe(true);
  });

  test('at log records, by name, hits those of everybody: they travel together', () => {
    const faults = board();
    const { run: _, correlationId: __, ...loose } = charge;
    const records = { ...loose, run: undefined, correlationId: undefined, type: 'log.records' };
    faults.arm([declining({ message: 'log.records' })], 1_000);
    expect(isHit(faults, records)).toBe(true);
  });

  test('answers all that are due at one point, so that a delay never hides a decline', () => {
    const faults = board();
    const delay = { verb: 'delay', minMs: 1, maxMs: 2 } as const;
    faults.arm([declining({ id: 'slow', message: '*', action: delay }), declining()], 1_000);
    expect(faults.at('handle', charge).map(({ fault }) => fault.action.verb)).toEqual([
      'delay',
      'decline',
    ]);
  });

  test('counts what passed, for the near misses of a fault that never fired', () => {
    const faults = board();
    faults.arm([declining({ message: 'payment.refund' })], 1_000);
    isHit(faults);
    isHit(faults);
    expect(faults.clear({ run: 'r1' })).toMatchObject({
      passed: { 'payment.charge': 2 },
      reports: [{ fired: 0 }],
    });
  });

  test('forgets faults whose lease has ended, and a renewal keeps the counts', () => {
    const now = { ms: 0 };
    const faults = board(now);
    faults.arm([declining({ times: 3 })], 1_000);
    isHit(faults);
    now.ms = 900;
    faults.arm([declining({ times: 3 })], 1_000);
    now.ms = 1_800;
    expect(isHit(faults)).toBe(true);
    now.ms = 3_000;
    expect(isHit(faults)).toBe(false);
    expect(faults.list()).toEqual([]);
    expect(reportsOf(faults)[0]?.fired).toBe(2);
  });

  test('hits of other processes are spent here too, also those told of when it is armed', () => {
    const faults = board();
    faults.arm([declining({ times: 3 })], 1_000, { f1: 1 });
    faults.heed('f1');
    expect([isHit(faults), isHit(faults)]).toEqual([true, false]);
    expect(faults.list()).toMatchObject([{ fired: 3 }]);
    faults.arm([declining({ times: 3 })], 1_000, { f1: 2 });
    expect(faults.list()).toMatchObject([{ fired: 3 }]);
  });

  test('a rate hits its share of the matches, the same ones for the same seed', () => {
    const draw = (seed: number): boolean[] => {
      const faults = board();
      const { times: _, ...always } = declining({ rate: 0.2, seed });
      faults.arm([always], 1_000);
      return Array.from({ length: 1_000 }, () => isHit(faults));
    };
    const hits = draw(7);
    expect(hits.filter(Boolean).length).toBeGreaterThan(150);
    expect(hits.filter(Boolean).length).toBeLessThan(250);
    expect(draw(7)).toEqual(hits);
    expect(draw(8)).not.toEqual(hits);
  });

  test('knows faults of other services, for parts that have just started', () => {
    const faults = board();
    faults.arm([declining({ service: 'inventory' })], 1_000);
    expect(faults.list().map(({ fault }) => fault.service)).toEqual(['inventory']);
    expect(isHit(faults)).toBe(false);
  });

  test('clears a run, some of its faults, or all of everybody', () => {
    const faults = board();
    const others = declining({ id: 'f3', run: 'r2' });
    faults.arm([declining(), declining({ id: 'f2' }), others], 1_000);
    const left = () => faults.list().map(({ fault }) => fault.id);
    faults.clear({ run: 'r1', faultIds: ['f2', 'f3'] });
    expect(left()).toEqual(['f1', 'f3']);
    faults.clear({ run: 'r1' });
    expect(left()).toEqual(['f3']);
    faults.clear({});
    expect(left()).toEqual([]);
  });

  test('what a fault holds goes on when it is cleared', async () => {
    const faults = board();
    faults.arm([declining()], 1_000);
    const { signal } = new AbortController();
    const held = faults.holds.hold('h', { faultId: 'f1', limitMs: 600_000, signal });
    faults.clear({ run: 'r1' });
    await held;
    expect(faults.holds.release('h')).toBe(false);
  });
});
