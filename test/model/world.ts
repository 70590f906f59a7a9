/** The world of one order as the model check sees it: its saga, everything ever sent, and its participants. */
import type { OrderData } from '../../src/mediator/order-data.ts';
import type { Reply } from '../../src/messaging/participant.ts';
import type { SagaDefinition } from '../../src/saga/definition.ts';
import type { Direction, SagaState } from '../../src/saga/state.ts';
import type { decide } from '../../src/saga/decide.ts';
import type { OrderState } from '../../src/services/inventory/store.ts';
import type { Ledger } from '../../src/services/payment/store.ts';

export const ORDER_ID = '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f';
export const PRICE_CENTS = 1_250;
const PRICED = [{ bookId: 42, quantity: 1, title: 'T', unitPriceCents: PRICE_CENTS }];

export const ORDER: OrderData = {
  orderId: ORDER_ID,
  customer: { id: 'alice', name: 'Alice', email: 'alice@wonderland.example' },
  lines: [{ bookId: 42, quantity: 1 }],
  payment: { kind: 'visa', token: 'tok_visa' },
  shipAfterMs: 60_000,
};
export const RESERVED = { orderId: ORDER_ID, lines: PRICED, totalCents: PRICE_CENTS };

/** A command as it was issued first, as text: the same message id must never name another one. */
export interface Sent {
  readonly name: string;
  readonly body: string;
}

/** What the payment provider knows of the one charge. */
export type ProviderBook = 'processing' | 'captured' | 'declined' | 'cancelled' | 'returned';

/**
 * Nothing that was ever sent or answered is taken out again: any of it may arrive now, later, many times
 * or never. So losing, repeating, reordering and delaying messages need no actions of their own, and a crash
 * between a write and the publishing that follows it is a message that does not arrive.
 */
export interface World {
  readonly saga: SagaState<OrderData>;
  readonly isTimerSet: boolean;
  /** Every command ever issued, by message id without the saga's. */
  readonly sent: Readonly<Record<string, Sent>>;
  /** The participants' inboxes: every answer but "not now", by message id. */
  readonly inbox: Readonly<Record<string, Reply>>;
  readonly shelf: OrderState | undefined;
  readonly ledger: Ledger | undefined;
  readonly provider: ProviderBook | undefined;
  readonly history: 'recorded' | 'cancelled' | undefined;
  /** Contract names of the mails that went out. */
  readonly mails: readonly string[];
  /** Handlers between two of their transactions: any of them may go on now, later, twice or never. */
  readonly hands: readonly string[];
}

/** What participants promise; mutants break it. */
export interface ParticipantRules {
  /** The same message id gets the same answer, and has its effect once. */
  readonly keepsInbox: boolean;
  /** A release or void of what is not there refuses what comes later. */
  readonly leavesTombstones: boolean;
}

/** What is checked: a definition, the engine that reads it, and the participants around it. */
export interface Model {
  readonly saga: SagaDefinition<OrderData>;
  readonly decide: typeof decide<OrderData>;
  readonly rules: ParticipantRules;
  /** A timer that was taken for one state of the saga has no say in another. */
  readonly areTimersForTheirState: boolean;
}

/** A possible next world, and the event that leads there, in words. */
export type Successor = readonly [label: string, world: World];

export function isPending({ saga }: World, id: string): boolean {
  return saga.pending.some((each) => idOf(each) === id);
}

export function idOf({ step, direction }: { step: string; direction: Direction }): string {
  return `${step}:${direction}`;
}

export function partsOf(id: string): { step: string; direction: Direction } {
  const [step = '', direction = ''] = id.split(':');
  return { step, direction: direction as Direction };
}

/** A set as a sorted list, with one more member. */
export function including(list: readonly string[], member: string): readonly string[] {
  return list.includes(member) ? list : [...list, member].toSorted();
}
