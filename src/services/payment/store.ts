/** What payment needs of a database; adapters are judged by test/conformance/payment-store.ts. */
import type { PaymentKind, PaymentState } from '../../contracts/payment.ts';
import type { InboxTx, ParticipantStore } from '../../messaging/participant.ts';

/** Where the payment of an order stands. */
export interface Ledger {
  readonly orderId: string;
  readonly state: PaymentState;
  /** Absent when the order was voided before anybody charged it. */
  readonly request: LedgerRequest | undefined;
  readonly capturedCents: number;
  readonly refundedCents: number;
  /** The provider's name for the capture. */
  readonly paymentId: string | undefined;
  /** Why nothing was captured. */
  readonly reason: string | undefined;
}

/** What was asked for, once; a repetition must ask for the same. */
export interface LedgerRequest {
  /** The same over all attempts: what keeps the provider from capturing twice. */
  readonly idempotencyKey: string;
  /** Covers amount and method, the token as well, which is not stored. */
  readonly hash: string;
  readonly kind: PaymentKind;
  readonly amountCents: number;
}

/** Money that went from the customer to the shop (`capture`) or back (`return`). */
export interface Movement {
  readonly kind: 'capture' | 'return';
  readonly cents: number;
}

/** What the simulated provider remembers of a charge. */
export interface ProviderCharge {
  readonly idempotencyKey: string;
  readonly orderId: string;
  readonly chargeId: string;
  readonly amountCents: number;
  /** `cancelled` never captured; `returned` captured and gave the money back. */
  readonly outcome: 'processing' | 'captured' | 'declined' | 'cancelled' | 'returned';
  readonly reason: string | undefined;
  /** When a charge in processing is captured, milliseconds since 1970. */
  readonly settlesAt: number;
}

/** One transaction on the shop's books. */
export interface PaymentTx extends InboxTx {
  findLedger(orderId: string): Promise<Ledger | undefined>;
  /** Writes where the payment stands now and appends what moved. */
  saveLedger(ledger: Ledger, movements: readonly Movement[]): Promise<void>;
  /** Those of the orders that have a ledger. */
  ledgersOf(orderIds: readonly string[]): Promise<Ledger[]>;
  /** Every movement of an order's money, oldest first. */
  movementsOf(orderId: string): Promise<Movement[]>;
}

/** One transaction on the provider's books. */
export interface ProviderTx {
  findCharge(idempotencyKey: string): Promise<ProviderCharge | undefined>;
  saveCharge(charge: ProviderCharge): Promise<void>;
  /** How many captures the provider made for each order that has any. */
  countCaptures(orderIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
}

/** Both books are in one database, but no transaction of the service spans them. */
export interface PaymentStore extends ParticipantStore<PaymentTx>, AsyncDisposable {
  readonly provider: ProviderStore;
}

export interface ProviderStore {
  transact<T>(work: (tx: ProviderTx) => Promise<T>): Promise<T>;
}
