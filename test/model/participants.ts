/** Inventory, customer and notification as models: what a command that arrives may lead to. */
import * as customer from '../../src/contracts/customer.ts';
import * as inventory from '../../src/contracts/inventory.ts';
import * as notification from '../../src/contracts/notification.ts';
import type { Reply } from '../../src/messaging/participant.ts';
import { commitStep, releaseStep } from '../../src/services/inventory/decide.ts';
import { takePayment } from './payment-model.ts';
import { reply } from './replies.ts';
import {
  including,
  ORDER_ID,
  RESERVED,
  type ParticipantRules,
  type Successor,
  type World,
} from './world.ts';

const orderId = ORDER_ID;

/** What may become of a command that arrives; nothing when it was answered before. */
export function arrive(world: World, id: string, rules: ParticipantRules): Successor[] {
  const name = world.sent[id]?.name;
  if (name === undefined) return [];
  if (name.startsWith('payment.')) return takePayment(world, id, rules);
  if (rules.keepsInbox && world.inbox[id] !== undefined) return [];
  return effectsOf(world, name, rules).map(([label, changed, answer]) => [
    label,
    { ...changed, inbox: { ...world.inbox, [id]: answer } },
  ]);
}

type Effect = readonly [label: string, world: World, answer: Reply];

function effectsOf(world: World, name: string, rules: ParticipantRules): Effect[] {
  if (name === inventory.reserve.name) return reserve(world);
  if (name === inventory.commit.name) return [commit(world)];
  if (name === inventory.release.name) return [release(world, rules)];
  if (name === customer.recordOrder.name) return [record(world)];
  if (name === customer.cancelOrder.name) return [unrecord(world)];
  const mails = including(world.mails, name);
  return [[`mail ${name}`, { ...world, mails }, reply(notification.notified, RECEIPT)]];
}

const RECEIPT = { orderId, mailId: 'mail' };
const HELD = reply(inventory.reserved, { ...RESERVED, currency: 'EUR' });

/** The shelf may be empty; an order that was released before is refused. */
function reserve(world: World): Effect[] {
  const no = (reason: string): Reply => reply(inventory.refused, { orderId, reason });
  if (world.shelf === 'released') return [['reserve is refused', world, no('released')]];
  if (world.shelf !== undefined) return [['reserve again', world, HELD]];
  return [
    ['copies are held', { ...world, shelf: 'held' }, HELD],
    ['out of stock', world, no('out-of-stock')],
  ];
}

function commit(world: World): Effect {
  const shelf = commitStep(world.shelf) === 'sell' ? 'committed' : world.shelf;
  return ['copies are sold', { ...world, shelf }, reply(inventory.committed, { orderId })];
}

function release(world: World, { leavesTombstones }: ParticipantRules): Effect {
  const isForgotten = releaseStep(world.shelf) === 'nothing' && !leavesTombstones;
  const shelf = isForgotten ? world.shelf : 'released';
  return ['copies are released', { ...world, shelf }, reply(inventory.released, { orderId })];
}

function record(world: World): Effect {
  const history = world.history ?? 'recorded';
  return ['recorded', { ...world, history }, reply(customer.orderRecorded, { orderId })];
}

function unrecord(world: World): Effect {
  const cancelled = { ...world, history: 'cancelled' } as const;
  return ['unrecorded', cancelled, reply(customer.orderCancelled, { orderId })];
}
