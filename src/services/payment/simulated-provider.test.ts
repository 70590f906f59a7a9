import { beforeEach, describe, expect, it } from 'vitest';

import { TEST_CARDS } from '../../contracts/test-cards.ts';
import type { Clock } from '../../kernel/clock.ts';
import { OutcomeUnknownError } from '../../kernel/errors.ts';
import { seededIds } from '../../kernel/ids.ts';
import { seededRandom } from '../../kernel/random.ts';
import type { ProviderRequest } from './provider.ts';
import { SimulatedProvider } from './simulated-provider.ts';
import type { ProviderCharge, ProviderStore } from './store.ts';

const LATE_MS = 3_000;

describe('the simulated provider', () => {
  let now: number;
  let charges: Map<string, ProviderCharge>;
  let provider: SimulatedProvider;
  /** What happens while the provider takes its time. */
  let meanwhile: () => Promise<unknown>;

  beforeEach(() => {
    now = 1_000_000;
    charges = new Map();
    meanwhile = () => Promise.resolve();
    const clock: Clock = {
      now: () => now,
      elapsed: () => now,
      after: () => ({ cancel: () => undefined }),
      sleep: async (delayMs) => {
        await meanwhile();
        now += delayMs;
      },
    };
    provider = new SimulatedProvider({
      store: inMemory(charges),
      clock,
      ids: seededIds(clock, seededRandom(1)),
    });
  });

  it('gives the same answer to the same key', async () => {
    const first = await provider.charge(request('visa'));
    expect(first.outcome).toBe('captured');
    expect(await provider.charge(request('visa'))).toEqual(first);
    expect(charges.size).toBe(1);
  });

  it('stays with its first answer when a fault comes later', async () => {
    const first = await provider.charge(request('visa'));
    expect(await provider.charge(request('visa', 'lost_card'))).toEqual(first);
  });

  it('forgets what failed without an answer, so that a repetition may succeed', async () => {
    await expect(provider.charge(request('provider-error'))).rejects.toThrow(OutcomeUnknownError);
    expect(charges.size).toBe(0);
  });

  it('answers late with a late card', async () => {
    const startedAt = now;
    expect((await provider.charge(request('late-answer'))).outcome).toBe('captured');
    expect(now - startedAt).toBe(LATE_MS);
  });

  it('does not begin again when it is asked a second time while it is at it', async () => {
    const startedAt = now;
    meanwhile = async () => {
      meanwhile = () => Promise.resolve();
      now += 1_000;
      await provider.charge(request('late-answer'));
      expect(now - startedAt).toBe(LATE_MS);
    };
    await provider.charge(request('late-answer'));
    expect(charges.size).toBe(1);
  });

  it('captures nothing when the money is asked back before it was captured', async () => {
    meanwhile = async () => expect(await provider.giveBack('k', 'o1')).toBe(0);
    expect(await provider.charge(request('late-answer'))).toEqual({
      outcome: 'declined',
      reason: 'voided',
    });
  });

  it('refuses a charge whose money was asked back before it came', async () => {
    expect(await provider.giveBack('k', 'o1')).toBe(0);
    expect(await provider.charge(request('visa'))).toEqual({
      outcome: 'declined',
      reason: 'voided',
    });
  });

  it('gives the same money back on every call, and declines the charge from then on', async () => {
    await provider.charge(request('visa'));
    expect(await provider.giveBack('k', 'o1')).toBe(100);
    expect(await provider.giveBack('k', 'o1')).toBe(100);
    expect((await provider.charge(request('visa'))).outcome).toBe('declined');
  });
});

function inMemory(charges: Map<string, ProviderCharge>): ProviderStore {
  return {
    transact: (work) =>
      work({
        findCharge: async (key) => charges.get(key),
        saveCharge: async (charge) => void charges.set(charge.idempotencyKey, charge),
        countCaptures: async () => new Map(),
      }),
  };
}

function request(card: string, declineWith?: string): ProviderRequest {
  const found = TEST_CARDS.find((each) => each.name === card);
  if (found === undefined) throw new Error(`there is no test card ${card}`);
  const method = { kind: found.kind, token: found.token };
  return { idempotencyKey: 'k', orderId: 'o1', amountCents: 100, method, declineWith };
}
