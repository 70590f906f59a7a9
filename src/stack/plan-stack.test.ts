import { describe, expect, it } from 'vitest';

import { chooseParts } from './part-plan.ts';
import { chooseEngine } from './plan-stack.ts';
import { readinessOf } from './readiness.ts';
import type { StackRecord } from './stack-record.ts';

const OWN = {
  amqpUrl: 'amqp://guest:guest@127.0.0.1:4243',
  databaseUrl: 'postgres://w:x@127.0.0.1:4244/w',
};
const OTHER = { amqpUrl: 'amqp://rabbit', databaseUrl: 'postgres://big' };
const NONE = { amqpUrl: undefined, databaseUrl: undefined };

function stored(engine: StackRecord['engine']): StackRecord {
  const place = { mediatorUrl: '', namespace: '', dataDir: '', inboxDir: '', logFile: '' };
  return {
    schemaVersion: 1,
    name: 'default',
    engine,
    ports: { http: 4242 },
    endpoints: { ...OWN, ...place },
    createdAt: '',
  };
}

describe('the choice of an engine', () => {
  it('is embedded unless both URLs are given', () => {
    const choose = (settings: typeof NONE | typeof OTHER): string =>
      chooseEngine({ asked: 'auto', settings, stored: undefined }).engine;
    expect(choose(NONE)).toBe('embedded');
    expect(choose({ ...NONE, amqpUrl: OTHER.amqpUrl } as never)).toBe('embedded');
    expect(choose(OTHER)).toBe('external');
  });

  it('stays embedded when the URLs are its own, taken over from `wonderland env`', () => {
    const choice = chooseEngine({ asked: 'auto', settings: OWN, stored: stored('embedded') });
    expect(choice.engine).toBe('embedded');
  });

  it('never mixes the data of two engines', () => {
    const options = { asked: 'auto', settings: OTHER, stored: stored('embedded') };
    expect(() => chooseEngine(options)).toThrow('made with the embedded engine');
  });

  it('knows that there is no compose engine in this version', () => {
    const options = { asked: 'compose', settings: NONE, stored: undefined };
    expect(() => chooseEngine(options)).toThrow(expect.objectContaining({ exit: 4 }) as Error);
  });
});

describe('the choice of parts', () => {
  it('keeps the servers, whatever is left out', () => {
    expect(chooseParts('embedded', { only: ['payment'] })).toEqual([
      'broker',
      'postgres',
      'payment',
    ]);
    expect(chooseParts('external', { except: ['payment', 'logging'] })).toEqual([
      'inventory',
      'customer',
      'notification',
      'mediator',
    ]);
  });

  it('suggests the part that was meant', () => {
    expect(() => chooseParts('embedded', { except: ['paymnet'] })).toThrow(
      expect.objectContaining({ hint: 'Did you mean "payment"?' }) as Error,
    );
  });
});

describe('readiness', () => {
  const checks = [
    { name: 'database', ok: true, ms: 1 },
    { name: 'payment', ok: false, detail: 'no answer in 1 s' },
  ];

  it('is refused as long as one part does not answer', () => {
    const { troubles, health } = readinessOf(checks, ['payment', 'mediator']);
    expect(troubles).toEqual([{ name: 'payment', detail: 'no answer in 1 s' }]);
    expect(health['postgres']).toEqual({ ok: true, ms: 1 });
  });

  it('does not wait for a part that was left out', () => {
    expect(readinessOf(checks, ['mediator']).troubles).toEqual([]);
  });
});
