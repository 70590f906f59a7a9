/** The payment provider as a port: an outside party with books of its own, that may be slow or not answer. */
import type { PaymentMethod } from '../../contracts/payment.ts';

export interface ProviderRequest {
  /** The same key is captured once, however often it is asked for. */
  readonly idempotencyKey: string;
  readonly orderId: string;
  readonly amountCents: number;
  readonly method: PaymentMethod;
  /** Set when the provider is to say no with this reason (a fault of a scenario). */
  readonly declineWith?: string | undefined;
}

export type ProviderAnswer =
  | { readonly outcome: 'captured'; readonly chargeId: string }
  | { readonly outcome: 'declined'; readonly reason: string };

export interface PaymentProvider {
  /** @throws OutcomeUnknownError when the provider fails without an answer: ask again with the same key. */
  charge(request: ProviderRequest): Promise<ProviderAnswer>;
  /**
   * Makes sure that the charge of this key has net taken nothing, now and later.
   * @returns the cents that were captured and are given back, the same on every call.
   */
  giveBack(idempotencyKey: string, orderId: string): Promise<number>;
  /** How many captures the provider made for each order that has any. */
  countCaptures(orderIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}
