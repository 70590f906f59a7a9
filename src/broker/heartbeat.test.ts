import { describe, expect, test } from 'vitest';

import type { Clock } from '../kernel/clock.ts';
import { Heartbeat } from './heartbeat.ts';

/** Fires the one timer a heartbeat has, on demand. */
function beating(intervalMs: number): {
  heartbeat: Heartbeat;
  counts: { sent: number; lost: number };
  beat: () => void;
  delays: number[];
} {
  const counts = { sent: 0, lost: 0 };
  const delays: number[] = [];
  let next: () => void = () => undefined;
  const clock = {
    after: (delayMs: number, callback: () => void) => {
      delays.push(delayMs);
      next = callback;
      return { cancel: () => (next = () => undefined) };
    },
  } as unknown as Clock;
  const send = (): void => void counts.sent++;
  const lost = (): void => void counts.lost++;
  const heartbeat = new Heartbeat({ clock, intervalMs, send, lost });
  return { heartbeat, counts, beat: () => next(), delays };
}

describe('a heartbeat', () => {
  test('speaks every half interval in which nothing else was sent', () => {
    const { heartbeat, counts, beat, delays } = beating(1_000);
    beat();
    heartbeat.sent();
    beat();
    beat();
    expect(counts.sent).toBe(2);
    expect(new Set(delays)).toEqual(new Set([500]));
  });

  test('gives up after two silent intervals, whatever traffic counts', () => {
    const { heartbeat, counts, beat } = beating(1_000);
    for (let i = 0; i < 4; i++) beat();
    heartbeat.received();
    for (let i = 0; i < 4; i++) beat();
    expect(counts.lost).toBe(0);
    beat();
    expect(counts.lost).toBe(1);
  });

  test('is off at zero, and quiet after it was stopped', () => {
    const off = beating(0);
    off.beat();
    const stopped = beating(1_000);
    stopped.heartbeat.stop();
    stopped.beat();
    expect([off.counts.sent, stopped.counts.sent]).toEqual([0, 0]);
  });
});
