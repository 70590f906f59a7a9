import { describe, expect, it } from 'vitest';

import type { PartStatus, StackStatus } from '../../stack/stack-status.ts';
import { plain } from '../palette.ts';
import { describeStatus, nextStep } from './ps.ts';

const VIEW = { now: 5_000, paint: plain, columns: undefined };

function part(name: string, more: Partial<PartStatus> = {}): PartStatus {
  return { name, state: 'ready', since: 0, restarts: 0, pid: 7, health: { ok: true }, ...more };
}

function stack(parts: readonly PartStatus[], more: Partial<StackStatus> = {}): StackStatus {
  return { name: 'default', engine: 'embedded', state: 'running', parts, ...more };
}

describe('a stack whose parts all answer', () => {
  it('is running, and nothing has to be done', () => {
    const status = stack([part('payment')]);
    expect(describeStatus(status, VIEW)).toContain('The stack "default" (embedded) is running.');
    expect(nextStep(status)).toBeUndefined();
  });
});

describe('a stack with a part that hangs', () => {
  const hung = part('payment', { health: { ok: false, detail: 'no answer in time' } });
  const status = stack([part('broker'), hung], { probeError: 'payment: no answer in time' });

  it('is not healthy, and says so in the headline and beside the part', () => {
    const text = describeStatus(status, VIEW);
    expect(text).toMatch(/^The stack "default" \(embedded\) runs, but is not healthy\./);
    expect(text).toMatch(/payment +✖ not answering +no answer in time/);
    expect(text).toMatch(/broker +✔ ready/);
  });

  it('names the command that brings the part back', () => {
    expect(nextStep(status)).toBe('Next: wonderland restart payment');
  });
});

describe('the advice', () => {
  const silent = { ok: false, detail: 'no answer in time' };

  it('resumes what was paused, and means that very instance', () => {
    const paused = part('payment', { state: 'paused' });
    expect(nextStep(stack([paused]))).toBe('Next: wonderland resume payment');
    expect(nextStep(stack([paused, part('payment-2')]))).toBe('Next: wonderland resume payment-1');
    const hung = part('payment-2', { health: silent });
    expect(nextStep(stack([part('payment'), hung], { probeError: 'x' }))).toBe(
      'Next: wonderland restart payment-2',
    );
  });

  it('says of what is down on purpose when it ends, and how to end it now', () => {
    const held = part('payment', { state: 'held', heldUntil: 8_000 });
    const hung = part('customer', { state: 'paused', heldUntil: 9_000 });
    const text = describeStatus(stack([held, hung]), VIEW);
    expect(text).toMatch(/payment +! held +down on purpose, back in 3s/);
    expect(text).toMatch(/customer +! paused +goes on in 4s/);
    expect(nextStep(stack([held]))).toBe('It ends by itself; at once: wonderland resume payment');
    expect(nextStep(stack([hung]))).toBe('It ends by itself; at once: wonderland resume customer');
  });

  it('begins with the server that the others need', () => {
    const payment = part('payment', { health: silent });
    const of = (broker: Partial<PartStatus>): string | undefined =>
      nextStep(stack([payment, part('broker', broker)], { probeError: 'x' }));
    expect(of({ state: 'paused' })).toBe('Next: wonderland resume broker');
    expect(of({ state: 'backoff' })).toContain('broker is being started again');
    expect(of({})).toBe('Next: wonderland restart payment');
  });

  it('names a server that is not a part of the stack', () => {
    const troubles = [{ name: 'broker', detail: 'not connected' }];
    const payment = part('payment', { health: silent });
    const status = stack([payment], { engine: 'external', probeError: 'x', troubles });
    expect(nextStep(status)).toBe(
      'The broker is the cause (not connected). Next: wonderland doctor',
    );
    expect(describeStatus(status, VIEW)).toContain('✖ broker: not connected');
  });
});

describe('a stack that has crashed', () => {
  it('tells parts that are gone from those that have not left yet', () => {
    const { pid: _pid, ...gone } = part('broker', { state: 'stopped' });
    const text = describeStatus(stack([gone, part('payment')], { state: 'crashed' }), VIEW);
    expect(text).toContain('has crashed.');
    expect(text).toMatch(/broker +✖ gone/);
    expect(text).toMatch(/payment +! still there/);
  });
});
