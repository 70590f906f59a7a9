/** What must hold of the whole world after every step: money, copies, history and mails. */
import { orderCancelled, orderConfirmed, orderRejected } from '../../src/contracts/notification.ts';
import { orderShipped } from '../../src/contracts/notification.ts';
import type { SagaCommand } from '../../src/saga/state.ts';
import { claim } from './violation.ts';
import type { World } from './world.ts';

/** The customer's money is ours, or the provider may still take it. */
function mayHoldMoney({ provider }: World): boolean {
  return provider === 'captured' || provider === 'processing';
}

function isSold(world: World): boolean {
  const { ledger, provider, shelf, history } = world;
  const isPaid = ledger?.state === 'CAPTURED' && ledger.refundedCents === 0;
  return isPaid && provider === 'captured' && shelf === 'committed' && history === 'recorded';
}

function isUndone(world: World): boolean {
  const { ledger, shelf, history } = world;
  const isNothingNet = (ledger?.capturedCents ?? 0) === (ledger?.refundedCents ?? 0);
  const isOnShelf = shelf === undefined || shelf === 'released';
  return isNothingNet && !mayHoldMoney(world) && isOnShelf && history !== 'recorded';
}

/** @throws Violation */
export function checkWorld(world: World): void {
  const { saga, provider, shelf, ledger, mails } = world;
  const { phase, outcome } = saga;
  const state = (): string => JSON.stringify({ ...world, sent: Object.keys(world.sent) });
  const isTold = phase === 'telling' || phase === 'resting' || phase === 'closed';
  if (provider === 'captured') {
    const areCopiesThere = shelf === 'held' || shelf === 'committed';
    claim(areCopiesThere, 'money-only-for-copies', state);
  }
  if (shelf === 'committed') {
    claim((ledger?.capturedCents ?? 0) > 0, 'commit-only-after-capture', state);
  }
  if (outcome !== undefined && outcome !== 'success' && mayHoldMoney(world)) {
    const isComingBack = phase === 'undoing' && saga.reached.includes('charge');
    claim(isComingBack, 'money-comes-back', state);
  }
  if (isTold && outcome === 'success') claim(isSold(world), 'success-keeps-everything', state);
  if (isTold && outcome !== 'success') claim(isUndone(world), 'failure-keeps-nothing', state);
  if (phase === 'closed') claim(ledger?.state !== 'PENDING', 'ledger-is-decided', state);
  else claim(world.isTimerSet, 'stranded', state);
  const finals = [orderShipped, orderRejected, orderCancelled].map((each) => each.name);
  claim(finals.filter((name) => mails.includes(name)).length <= 1, 'one-final-mail', state);
}

/** What a command promises must be so when it is decided on. @throws Violation */
export function checkCommand(world: World, { exchange, body }: SagaCommand): void {
  const { name } = exchange.command;
  const what = (): string => `${name} while ${JSON.stringify({ ...world, sent: undefined })}`;
  if (name === 'inventory.commit' || name === 'customer.record-order') {
    claim(world.ledger?.state === 'CAPTURED', 'commit-only-after-capture', what);
  }
  if (name === 'inventory.release') claim(!mayHoldMoney(world), 'money-back-before-copies', what);
  if (name === orderConfirmed.name || name === orderShipped.name) {
    claim(isSold(world), 'told-only-what-is-so', what);
  }
  if (name === orderRejected.name) claim(isUndone(world), 'told-only-what-is-so', what);
  if (name !== orderCancelled.name) return;
  const { refundedCents } = orderCancelled.body.parse(body);
  claim(isUndone(world), 'told-only-what-is-so', what);
  claim(refundedCents === (world.ledger?.refundedCents ?? 0), 'told-only-what-is-so', what);
}

/** The equations of an order that is over, with everything that was ever sent delivered. @throws Violation */
export function checkEnd(world: World): void {
  checkWorld(world);
  const { saga, mails } = world;
  const state = (): string => JSON.stringify({ ...world, sent: undefined });
  claim(saga.phase === 'closed', 'ends', state);
  const ending = { success: orderConfirmed, failure: orderRejected, cancelled: orderCancelled };
  const told = ending[saga.outcome ?? 'failure'].name;
  claim(mails.includes(told), 'customer-is-told', state);
  if (saga.status === 'shipped') {
    claim(mails.includes(orderShipped.name), 'customer-is-told', state);
  }
}
