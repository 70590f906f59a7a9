/** The rules of the ledger: what each command and each answer of the provider makes of it. Pure. */
import type { PaymentKind } from '../../contracts/payment.ts';
import { BugError, OutcomeUnknownError } from '../../kernel/errors.ts';
import type { ProviderAnswer } from './provider.ts';
import type { Ledger, LedgerRequest, Movement } from './store.ts';

export interface ChargeRequest extends LedgerRequest {
  readonly orderId: string;
  readonly kind: PaymentKind;
}

/**
 * The ledger before the provider is asked: PENDING for an order that is new, else as it is.
 * @throws BugError when the order was charged with another amount or method: a retry never differs.
 */
export function openLedger(known: Ledger | undefined, request: ChargeRequest): Ledger {
  if (known === undefined) {
    const { orderId, ...rest } = request;
    return { ...blank(orderId), state: 'PENDING', request: rest };
  }
  if (known.request !== undefined && known.request.hash !== request.hash) {
    throw new BugError(`order ${known.orderId} was charged before with another amount or method`);
  }
  return known;
}

/** The ledger once the provider has answered; only a PENDING one still cares. */
export function settleLedger(ledger: Ledger, answer: ProviderAnswer): Ledger {
  if (ledger.state !== 'PENDING') return ledger;
  if (answer.outcome === 'declined') {
    return { ...ledger, state: 'DECLINED', reason: answer.reason };
  }
  const capturedCents = ledger.request?.amountCents ?? 0;
  return { ...ledger, state: 'CAPTURED', capturedCents, paymentId: answer.chargeId };
}

/**
 * The ledger that refuses every later charge, before the provider is told: a tombstone when there was
 * none, VOIDED when the provider may be at it. What was captured is voided once the money is back.
 */
export function stopCharges(known: Ledger | undefined, orderId: string): Ledger {
  const ledger = known ?? blank(orderId);
  return ledger.state === 'PENDING' ? { ...ledger, state: 'VOIDED', reason: 'voided' } : ledger;
}

/** Whom to ask for the money back: the charge's key, or undefined when there is nothing to ask for. */
export function keyToReturn(ledger: Ledger): string | undefined {
  const mayBeCaptured = ledger.state === 'CAPTURED' || ledger.state === 'VOIDED';
  return mayBeCaptured ? ledger.request?.idempotencyKey : undefined;
}

/**
 * The ledger of a void once the provider has given back `returnedCents`.
 * @throws BugError when that is not what was captured.
 */
export function voidLedger(ledger: Ledger, returnedCents: number): Ledger {
  if (ledger.state !== 'CAPTURED' && ledger.state !== 'VOIDED') return ledger;
  if (ledger.capturedCents > 0) checkReturned(ledger, returnedCents);
  return {
    ...ledger,
    state: 'VOIDED',
    reason: 'voided',
    // A charge that a void overtook was never settled here, but the provider may have captured it.
    capturedCents: Math.max(ledger.capturedCents, returnedCents),
    refundedCents: returnedCents,
  };
}

/**
 * The ledger of a refund once the provider has given back `returnedCents`.
 * @throws BugError when that is not what was captured.
 */
export function refundLedger(ledger: Ledger, returnedCents: number): Ledger {
  if (ledger.state !== 'CAPTURED') return ledger;
  checkReturned(ledger, returnedCents);
  return { ...ledger, state: 'REFUNDED', refundedCents: returnedCents };
}

/** The books of the shop and of the provider must agree, or somebody has to look at them. */
function checkReturned({ orderId, capturedCents }: Ledger, returnedCents: number): void {
  if (returnedCents === capturedCents) return;
  throw new BugError(
    `the provider gave back ${returnedCents} of ${capturedCents} cents of order ${orderId}`,
  );
}

/**
 * Whom to ask for a refund: the charge's key, or undefined when nothing was captured.
 * @throws OutcomeUnknownError while nobody knows whether there is money to give back.
 */
export function refundableKey(ledger: Ledger | undefined): string | undefined {
  if (ledger?.state === 'PENDING') {
    throw new OutcomeUnknownError(`the charge of order ${ledger.orderId} is not decided yet`);
  }
  return ledger?.state === 'CAPTURED' ? ledger.request?.idempotencyKey : undefined;
}

/** What moved between two states of a ledger. */
export function movementsBetween(before: Ledger | undefined, after: Ledger): Movement[] {
  const captured = after.capturedCents - (before?.capturedCents ?? 0);
  const returned = after.refundedCents - (before?.refundedCents ?? 0);
  return [
    ...(captured > 0 ? [{ kind: 'capture' as const, cents: captured }] : []),
    ...(returned > 0 ? [{ kind: 'return' as const, cents: returned }] : []),
  ];
}

/** An order that nobody charged is voided, as far as the ledger is concerned. */
function blank(orderId: string): Ledger {
  return {
    orderId,
    state: 'VOIDED',
    request: undefined,
    capturedCents: 0,
    refundedCents: 0,
    paymentId: undefined,
    reason: 'voided',
  };
}
