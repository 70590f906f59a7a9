import { describe, expect, it } from 'vitest';

import { backoffMs, live, newLife, type PartEvent, type PartLife } from './part-life.ts';

type Step = PartEvent extends infer E ? (E extends unknown ? Omit<E, 'at'> : never) : never;

const crash: Step = { kind: 'exited', exit: { code: 1, signal: null } };
const clean: Step = { kind: 'exited', exit: { code: 0, signal: null } };

/** Plays steps one second apart. */
function after(...steps: readonly Step[]): PartLife {
  return steps.reduce(
    (life, step, index) => live(life, { ...step, at: (index + 1) * 1_000 }),
    newLife(0),
  );
}

const spawned: Step = { kind: 'spawned' };
const ready: Step = { kind: 'ready' };

describe('the life of a part', () => {
  it('fails for good when it ends before it was ever ready', () => {
    const life = after(spawned, crash);
    expect(life.state).toBe('failed');
    expect(life.lastExit).toEqual({ code: 1, signal: null });
  });

  it('is started again when it ends after it was ready, even with exit code 0', () => {
    const life = after(spawned, ready, clean);
    expect(life.state).toBe('backoff');
    expect(live(life, { kind: 'spawned', at: 9_000 })).toMatchObject({
      state: 'starting',
      restarts: 1,
    });
  });

  it('keeps waiting for a part that crashes again before it is ready again', () => {
    expect(after(spawned, ready, crash, spawned, crash).state).toBe('backoff');
  });

  it('waits 0.2 s, doubles, and never waits longer than 10 s', () => {
    const crashes = (count: number): PartLife =>
      after(spawned, ready, ...Array.from({ length: count }, () => [crash, spawned]).flat());
    expect([1, 2, 3, 6, 7, 50].map((count) => backoffMs(crashes(count)))).toEqual([
      200, 400, 800, 6_400, 10_000, 10_000,
    ]);
  });

  it('starts counting anew after 30 s without a crash', () => {
    const shaky = after(spawned, ready, crash, spawned, crash, spawned, ready);
    const { since } = shaky;
    expect(live(shaky, { ...crash, at: since + 29_000 }).crashes).toBe(3);
    expect(live(shaky, { ...crash, at: since + 31_000 }).crashes).toBe(1);
  });

  it('is stopped, and not crashed, when it ends because it was asked to', () => {
    expect(after(spawned, ready, { kind: 'stopping' }, crash).state).toBe('stopped');
  });

  it('hears a late "ready" only while it is starting', () => {
    expect(after(spawned, ready, { kind: 'stopping' }, ready).state).toBe('stopping');
  });

  it('is held, not waited for, when it was taken down on purpose, and the crash does not count', () => {
    const held = after(spawned, ready, { ...crash, heldUntil: 9_000 });
    expect(held).toMatchObject({ state: 'held', since: 3_000, heldUntil: 9_000, crashes: 0 });
    const later = live(held, { kind: 'held', until: 12_000, at: 4_000 });
    expect(later).toMatchObject({ state: 'held', since: 3_000, heldUntil: 12_000 });
    expect(live(later, { kind: 'spawned', at: 12_000 })).toMatchObject({
      state: 'starting',
      restarts: 1,
      heldUntil: undefined,
    });
  });

  it('tells until when it is paused, if that has an end, and forgets it when it goes on or dies', () => {
    const paused = after(spawned, ready, { kind: 'paused', until: 9_000 });
    expect(paused.heldUntil).toBe(9_000);
    expect(live(paused, { kind: 'resumed', at: 9_000 }).heldUntil).toBeUndefined();
    expect(live(paused, { ...crash, at: 5_000 })).toMatchObject({
      state: 'backoff',
      heldUntil: undefined,
    });
    expect(after(spawned, ready, { kind: 'paused', until: undefined }).heldUntil).toBeUndefined();
  });
});
