/** Payment as a model: the service's own rules for the ledger, cut at its transactions, and a provider. */
import * as contract from '../../src/contracts/payment.ts';
import { OutcomeUnknownError } from '../../src/kernel/errors.ts';
import type { Reply } from '../../src/messaging/participant.ts';
import * as rules from '../../src/services/payment/decide.ts';
import type { ProviderAnswer } from '../../src/services/payment/provider.ts';
import type { Ledger } from '../../src/services/payment/store.ts';
import { reply } from './replies.ts';
import {
  including,
  ORDER_ID,
  PRICE_CENTS,
  type ParticipantRules,
  type Successor,
  type World,
} from './world.ts';

const REQUEST = {
  orderId: ORDER_ID,
  idempotencyKey: 'charge:do',
  hash: 'h',
  kind: 'visa',
  amountCents: PRICE_CENTS,
} as const;

/** The first transaction of a command; a handler is between two transactions then. */
export function takePayment(world: World, id: string, promised: ParticipantRules): Successor[] {
  const name = world.sent[id]?.name;
  if (name === contract.charge.name) return [['charge arrives', takeCharge(world)]];
  if (name === contract.voidCharge.name) return [['void arrives', takeVoid(world, promised)]];
  return takeRefund(world);
}

function takeCharge(world: World): World {
  const ledger = rules.openLedger(world.ledger, REQUEST);
  const hand = ledger.state === 'PENDING' ? 'charge asks' : 'charge knows';
  return { ...world, ledger, hands: including(world.hands, hand) };
}

function takeVoid(world: World, { leavesTombstones }: ParticipantRules): World {
  const stopped = rules.stopCharges(world.ledger, ORDER_ID);
  const key = rules.keyToReturn(stopped);
  const hand = key === undefined ? 'void returned 0' : 'void asks';
  const isForgotten = world.ledger === undefined && !leavesTombstones;
  const ledger = isForgotten ? undefined : stopped;
  return { ...world, ledger, hands: including(world.hands, hand) };
}

function takeRefund(world: World): Successor[] {
  try {
    const key = rules.refundableKey(world.ledger);
    const hand = key === undefined ? 'refund returned 0' : 'refund asks';
    return [['refund arrives', { ...world, hands: including(world.hands, hand) }]];
  } catch (error) {
    if (error instanceof OutcomeUnknownError) return [];
    throw error;
  }
}

/** What handlers that are under way may do next; the healthy course of things comes first. */
export function goOn(world: World, promised: ParticipantRules): Successor[] {
  return world.hands.flatMap((hand) => goOnWith(world, hand, promised));
}

function goOnWith(world: World, hand: string, promised: ParticipantRules): Successor[] {
  if (hand === 'charge asks') return askToCharge(world);
  const [id, what = '', cents] = hand.split(' ');
  if (what === 'asks') {
    const [provider, returned] = giveBack(world.provider);
    const hands = including(world.hands, `${id} returned ${returned}`);
    return [[`provider gives back ${returned}`, { ...world, provider, hands }]];
  }
  const settled = id === 'charge' ? settleCharge(world, what) : settleReturn(world, id, cents);
  return [[`${hand}: written`, answered(world, settled, promised)]];
}

/** The provider decides once; a charge in processing is captured sooner or later, unless it is cancelled. */
function askToCharge(world: World): Successor[] {
  const { provider, hands } = world;
  if (provider === undefined) {
    return (['captured', 'declined', 'processing'] as const).map((next) => [
      `provider: ${next}`,
      { ...world, provider: next },
    ]);
  }
  if (provider === 'processing') {
    return [['provider: captured late', { ...world, provider: 'captured' }]];
  }
  const outcome = provider === 'captured' ? 'captured' : 'declined';
  return [[`provider says ${outcome}`, { ...world, hands: including(hands, `charge ${outcome}`) }]];
}

function giveBack(book: World['provider']): [World['provider'], number] {
  if (book === undefined || book === 'processing') return ['cancelled', 0];
  if (book === 'captured' || book === 'returned') return ['returned', PRICE_CENTS];
  return [book, 0];
}

interface Settled {
  readonly id: string;
  readonly ledger: Ledger | undefined;
  readonly reply: Reply;
}

function settleCharge({ ledger }: World, what: string): Settled {
  const open = ledger ?? rules.openLedger(undefined, REQUEST);
  const answer: ProviderAnswer =
    what === 'captured'
      ? { outcome: 'captured', chargeId: 'ch_1' }
      : { outcome: 'declined', reason: 'card_declined' };
  const settled = what === 'knows' ? open : rules.settleLedger(open, answer);
  return { id: 'charge:do', ledger: settled, reply: chargeReply(settled) };
}

function chargeReply({ state, reason = 'refunded', capturedCents }: Ledger): Reply {
  const orderId = ORDER_ID;
  if (state !== 'CAPTURED') return reply(contract.declined, { orderId, reason });
  const amount = { amountCents: capturedCents, currency: 'EUR' as const };
  return reply(contract.charged, { orderId, paymentId: 'ch_1', ...amount });
}

function settleReturn({ ledger }: World, command: string | undefined, cents = '0'): Settled {
  const isVoid = command === 'void';
  const change = isVoid ? rules.voidLedger : rules.refundLedger;
  const next = ledger && change(ledger, Number(cents));
  const body = { orderId: ORDER_ID, returnedCents: next?.refundedCents ?? 0 };
  return {
    id: 'charge:undo',
    ledger: next,
    reply: reply(isVoid ? contract.voided : contract.refunded, body),
  };
}

/** The last transaction: effect and answer together, once for each message id. */
function answered(world: World, settled: Settled, { keepsInbox }: ParticipantRules): World {
  if (keepsInbox && world.inbox[settled.id] !== undefined) return world;
  const inbox = { ...world.inbox, [settled.id]: settled.reply };
  return { ...world, ledger: settled.ledger, inbox };
}
