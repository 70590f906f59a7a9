/** A payment provider that behaves as the test cards say, and keeps its promises like a real one. */
import { TEST_CARDS, type CardBehaviour } from '../../contracts/test-cards.ts';
import type { Clock } from '../../kernel/clock.ts';
import { BugError, OutcomeUnknownError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { PaymentProvider, ProviderAnswer, ProviderRequest } from './provider.ts';
import type { ProviderCharge, ProviderStore, ProviderTx } from './store.ts';

export interface SimulatedProviderOptions {
  readonly store: ProviderStore;
  readonly clock: Clock;
  readonly ids: Ids;
}

export class SimulatedProvider implements PaymentProvider {
  readonly #options: SimulatedProviderOptions;

  constructor(options: SimulatedProviderOptions) {
    this.#options = options;
  }

  async charge(request: ProviderRequest): Promise<ProviderAnswer> {
    const { store, clock } = this.#options;
    const accepted = await store.transact((tx) => this.#accept(tx, request));
    if (accepted === undefined) {
      throw new OutcomeUnknownError('the payment provider failed without an answer');
    }
    if (accepted.outcome !== 'processing') return answerOf(accepted);
    await clock.sleep(Math.max(0, accepted.settlesAt - clock.now()));
    return answerOf(await store.transact((tx) => capture(tx, request.idempotencyKey)));
  }

  giveBack(idempotencyKey: string, orderId: string): Promise<number> {
    return this.#options.store.transact(async (tx) => {
      const known = await tx.findCharge(idempotencyKey);
      const charge = known ?? this.#newCharge({ idempotencyKey, orderId, amountCents: 0 });
      const returned = undo(charge);
      if (returned !== known) await tx.saveCharge(returned);
      return returned.outcome === 'returned' ? returned.amountCents : 0;
    });
  }

  countCaptures(orderIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    return this.#options.store.transact((tx) => tx.countCaptures(orderIds));
  }

  /** What is known under the key stands; else the card decides. Undefined when the provider fails. */
  async #accept(tx: ProviderTx, request: ProviderRequest): Promise<ProviderCharge | undefined> {
    const known = await tx.findCharge(request.idempotencyKey);
    if (known !== undefined) return known;
    const decided = decide(behaviourFor(request), this.#options.clock.now());
    if (decided === undefined) return undefined;
    const charge = { ...this.#newCharge(request), ...decided };
    await tx.saveCharge(charge);
    return charge;
  }

  #newCharge({
    idempotencyKey,
    orderId,
    amountCents,
  }: Pick<ProviderRequest, 'idempotencyKey' | 'orderId' | 'amountCents'>): ProviderCharge {
    return {
      idempotencyKey,
      orderId,
      amountCents,
      chargeId: `ch_${this.#options.ids.hex(12)}`,
      outcome: 'processing',
      reason: undefined,
      settlesAt: 0,
    };
  }
}

function behaviourFor({ method, declineWith }: ProviderRequest): CardBehaviour {
  if (declineWith !== undefined) return { does: 'decline', reason: declineWith };
  const card = TEST_CARDS.find((each) => each.token === method.token);
  return card?.behaviour ?? { does: 'decline', reason: 'unknown_token' };
}

/** What becomes of a new charge; undefined when the provider fails before it has decided. */
function decide(
  behaviour: CardBehaviour,
  now: number,
): Partial<Pick<ProviderCharge, 'outcome' | 'reason' | 'settlesAt'>> | undefined {
  if (behaviour.does === 'error') return undefined;
  if (behaviour.does === 'late') return { settlesAt: now + behaviour.afterMs };
  if (behaviour.does === 'decline') return { outcome: 'declined', reason: behaviour.reason };
  return { outcome: 'captured' };
}

/** The end of processing; a charge that was cancelled meanwhile stays cancelled. */
async function capture(tx: ProviderTx, idempotencyKey: string): Promise<ProviderCharge> {
  const charge = await tx.findCharge(idempotencyKey);
  if (charge === undefined) throw new BugError(`the provider forgot ${idempotencyKey}`);
  if (charge.outcome !== 'processing') return charge;
  const captured: ProviderCharge = { ...charge, outcome: 'captured' };
  await tx.saveCharge(captured);
  return captured;
}

/** The charge with its money back; the same object when there is nothing to do. */
function undo(charge: ProviderCharge): ProviderCharge {
  if (charge.outcome === 'processing') return { ...charge, outcome: 'cancelled' };
  if (charge.outcome === 'captured') return { ...charge, outcome: 'returned' };
  return charge;
}

function answerOf(charge: ProviderCharge): ProviderAnswer {
  if (charge.outcome === 'captured') return { outcome: 'captured', chargeId: charge.chargeId };
  return { outcome: 'declined', reason: charge.reason ?? 'voided' };
}
