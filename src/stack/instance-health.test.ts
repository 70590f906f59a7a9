import { describe, expect, it } from 'vitest';

import { describeTroubles, LOST, UNCONNECTED, withPulses } from './instance-health.ts';

const WELL = { ok: true };
const SILENT = { ok: false, detail: LOST };
const CUT_OFF = { ok: false, detail: UNCONNECTED };

describe('an instance that does not answer', () => {
  const pulses = { payment: WELL, 'payment-2': SILENT };

  it('is the trouble although its sibling brought the canary back', () => {
    const seen = withPulses({ troubles: [], health: { payment: WELL, 'payment-2': WELL } }, pulses);
    expect(seen.health).toEqual({ payment: WELL, 'payment-2': SILENT });
    expect(describeTroubles(seen.troubles)).toBe('payment-2: no answer in time');
  });

  it('is blamed for the canary that it lost; its sibling is not', () => {
    const troubles = [{ name: 'payment', detail: LOST }];
    const seen = withPulses({ troubles, health: { payment: SILENT, 'payment-2': SILENT } }, pulses);
    expect(seen.health).toEqual({ payment: WELL, 'payment-2': SILENT });
    expect(describeTroubles(seen.troubles)).toBe('payment-2: no answer in time');
  });

  it('does not hide another complaint of its service', () => {
    const troubles = [{ name: 'payment', detail: 'the disk is full' }];
    const seen = withPulses({ troubles, health: { payment: { ok: false } } }, pulses);
    expect(seen.troubles).toEqual([...troubles, { name: 'payment-2', detail: LOST }]);
    expect(seen.health['payment']).toEqual({ ok: false });
  });
});

describe('a broker that cannot be used', () => {
  it('is the only trouble when all others are cut off by it', () => {
    const troubles = [{ name: 'broker', detail: 'not connected' }];
    const seen = withPulses({ troubles, health: {} }, { payment: CUT_OFF, customer: CUT_OFF });
    expect(seen.troubles).toEqual(troubles);
    expect(seen.health['payment']).toEqual(CUT_OFF);
  });

  it('is recognised when everybody lives and no canary came back', () => {
    const troubles = ['payment', 'customer'].map((name) => ({ name, detail: LOST }));
    const health = { payment: SILENT, broker: WELL };
    const seen = withPulses({ troubles, health }, { payment: WELL, customer: WELL });
    expect(seen.health['payment']?.detail).toBe('cannot be asked without the broker');
    expect(describeTroubles(seen.troubles)).toBe('broker: no message comes through');
    expect(seen.health['broker']).toMatchObject({ ok: false });
  });

  it('is not suspected when one canary came back, or a part itself is silent', () => {
    const one = withPulses(
      { troubles: [{ name: 'payment', detail: LOST }], health: {} },
      { payment: WELL, customer: WELL },
    );
    expect(describeTroubles(one.troubles)).toBe('payment: no answer in time');
    const troubles = ['payment', 'customer'].map((name) => ({ name, detail: LOST }));
    const two = withPulses({ troubles, health: {} }, { payment: SILENT, customer: SILENT });
    expect(two.troubles.map(({ name }) => name)).toEqual(['payment', 'customer']);
  });
});
