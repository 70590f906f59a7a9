/**
 * What payment does with each command. The provider is asked outside every transaction: first the intent
 * is durable, then the provider answers, then the outcome is durable. A crash in between leaves a PENDING
 * ledger, and the repeated command asks the provider again under the same key.
 */
import { createHash } from 'node:crypto';

import type { BodyOf } from '../../contracts/message.ts';
import * as contract from '../../contracts/payment.ts';
import { BugError } from '../../kernel/errors.ts';
import {
  onMessage,
  reply,
  type CommandHandler,
  type Reply,
  type Work,
} from '../../messaging/participant.ts';
import * as decide from './decide.ts';
import type { PaymentProvider, ProviderAnswer } from './provider.ts';
import type { Ledger, PaymentTx } from './store.ts';

type Charge = BodyOf<typeof contract.charge>;

/** A failing provider throws out of a handler, so that the sender is told to try again later. */
export function paymentHandlers(provider: PaymentProvider): readonly CommandHandler<PaymentTx>[] {
  return [
    onMessage(contract.charge, (body, work, { id }) => charge(provider, work, { body, id })),
    onMessage(contract.voidCharge, ({ orderId }, work) => voidCharge(provider, work, orderId)),
    onMessage(contract.refund, ({ orderId }, work) => refund(provider, work, orderId)),
    onMessage(contract.audit, ({ orderIds }, work) => audit(provider, work, orderIds)),
  ];
}

async function charge(
  provider: PaymentProvider,
  work: Work<PaymentTx>,
  { body, id }: { body: Charge; id: string },
): Promise<Reply> {
  const { orderId, amountCents, method } = body;
  const request = {
    orderId,
    idempotencyKey: id,
    hash: hashOf(body),
    kind: method.kind,
    amountCents,
  };
  const open = await work.transact((tx) =>
    change(tx, orderId, (known) => decide.openLedger(known, request)),
  );
  const answer = await ask(provider, open, { method, declineWith: work.declineWith });
  return work.once(async (tx) => {
    const settled = await change(tx, orderId, (known = open) =>
      answer === undefined ? known : decide.settleLedger(known, answer),
    );
    return chargeReply(settled);
  });
}

/** What the provider says to an open charge; a ledger that is settled needs no answer. */
async function ask(
  provider: PaymentProvider,
  { orderId, state, request }: Ledger,
  how: { readonly method: contract.PaymentMethod; readonly declineWith: string | undefined },
): Promise<ProviderAnswer | undefined> {
  if (state !== 'PENDING' || request === undefined) return undefined;
  const { idempotencyKey, amountCents } = request;
  return provider.charge({ idempotencyKey, orderId, amountCents, ...how });
}

async function voidCharge(
  provider: PaymentProvider,
  work: Work<PaymentTx>,
  orderId: string,
): Promise<Reply> {
  const stopped = await work.transact((tx) =>
    change(tx, orderId, (known) => decide.stopCharges(known, orderId)),
  );
  const key = decide.keyToReturn(stopped);
  const returned = key === undefined ? 0 : await provider.giveBack(key, orderId);
  return work.once(async (tx) => {
    const { refundedCents } = await change(tx, orderId, (known = stopped) =>
      decide.voidLedger(known, returned),
    );
    return reply(contract.voided, { orderId, returnedCents: refundedCents });
  });
}

async function refund(
  provider: PaymentProvider,
  work: Work<PaymentTx>,
  orderId: string,
): Promise<Reply> {
  const known = await work.transact((tx) => tx.findLedger(orderId));
  const key = decide.refundableKey(known);
  const returned = key === undefined ? 0 : await provider.giveBack(key, orderId);
  return work.once(async (tx) => {
    if (known === undefined) return reply(contract.refunded, { orderId, returnedCents: 0 });
    const { refundedCents } = await change(tx, orderId, (now = known) =>
      decide.refundLedger(now, returned),
    );
    return reply(contract.refunded, { orderId, returnedCents: refundedCents });
  });
}

async function audit(
  provider: PaymentProvider,
  work: Work<PaymentTx>,
  orderIds: readonly string[],
): Promise<Reply> {
  const captures = await provider.countCaptures(orderIds);
  const ledgers = await work.transact((tx) => tx.ledgersOf(orderIds));
  const payments = ledgers.map(({ orderId, state, capturedCents, refundedCents }) => ({
    orderId,
    state,
    capturedCents,
    refundedCents,
    captures: captures.get(orderId) ?? 0,
  }));
  return reply(contract.audited, { payments });
}

/** Reads an order's ledger, lets a rule change it, and writes what is new with the money that moved. */
async function change(
  tx: PaymentTx,
  orderId: string,
  rule: (known: Ledger | undefined) => Ledger,
): Promise<Ledger> {
  const known = await tx.findLedger(orderId);
  const next = rule(known);
  if (next !== known) await tx.saveLedger(next, decide.movementsBetween(known, next));
  return next;
}

function chargeReply({ orderId, state, reason, capturedCents, paymentId }: Ledger): Reply {
  if (state === 'CAPTURED' && paymentId !== undefined) {
    const amount = { amountCents: capturedCents, currency: 'EUR' as const };
    return reply(contract.charged, { orderId, paymentId, ...amount });
  }
  if (state === 'REFUNDED') return reply(contract.declined, { orderId, reason: 'refunded' });
  if (reason !== undefined) return reply(contract.declined, { orderId, reason });
  throw new BugError(`the charge of order ${orderId} ended as ${state} without an outcome`);
}

/** What must be the same on every attempt. The token is in it, so that it need not be stored. */
function hashOf({ customerId, amountCents, currency, method }: Charge): string {
  const facts = [customerId, amountCents, currency, method.kind, method.token];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
