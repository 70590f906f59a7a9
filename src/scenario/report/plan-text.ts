/** A plan as a story: what the world is, who orders, what goes wrong, what must hold. */
import type { OrderPolicy } from '../../contracts/orders.ts';
import { formatDuration } from '../../kernel/durations.ts';
import { unreachable } from '../../kernel/errors.ts';
import { formatMoney } from '../../kernel/money.ts';
import { INVARIANTS } from '../language/invariants.ts';
import type { Send } from '../language/steps.ts';
import { formatAmount, type Amount } from '../language/values.ts';
import type { Plan, PlannedStep } from '../plan.ts';
import type { Claim } from '../plan/claims.ts';
import { describeFault, plural } from './wording.ts';

/** Sections of titled lines. */
export function describePlan(plan: Plan): ReadonlyArray<readonly [title: string, lines: string[]]> {
  const kept = INVARIANTS.filter((name) => !plan.skipped.includes(name));
  const variables = Object.entries(plan.variables).map(([name, value]) => `${name} = ${value}`);
  const sections: Array<readonly [string, string[]]> = [
    ['Variables', [...variables, ...(plan.seed === 1 ? [] : [`seed = ${plan.seed}`])]],
    [
      'Given',
      [...plan.books.map(describeBook), ...describeMediators(plan), ...describePolicy(plan)],
    ],
    ['Steady before and after', (plan.steady ?? []).map(describeClaim)],
    ['Steps', plan.steps.map((step, index) => `${index + 1}. ${describeStep(step)}`)],
    ['Faults', plan.faults.map(describeFault)],
    [`Expected within ${formatDuration(plan.settleMs)}`, plan.claims.map(describeClaim)],
    ['Always', [kept.join(', ')]],
    ['Not checked here', plan.skipped.length === 0 ? [] : [plan.skipped.join(', ')]],
  ];
  return sections.filter(([, lines]) => lines.length > 0);
}

function describeBook({ ref, copies, priceCents }: Plan['books'][number]): string {
  return `book ${ref}: ${copies === 1 ? '1 copy' : `${copies} copies`} at ${formatMoney(priceCents)}`;
}

function describeMediators({ mediators }: Plan): string[] {
  return mediators === 1 ? [] : [`at least ${mediators} mediators`];
}

const POLICY: Readonly<Record<keyof OrderPolicy, string>> = {
  shipAfterMs: 'orders ship after',
  inventoryTimeoutMs: 'the inventory is asked again after',
  paymentTimeoutMs: 'payment is asked again after',
  customerTimeoutMs: 'the customer service is asked again after',
  notificationTimeoutMs: 'notification is asked again after',
  decideWithinMs: 'an order that is not charged is given up after',
  retryAtMostMs: 'the longest pause between two attempts is',
};

function describePolicy({ policy }: Plan): string[] {
  return (Object.keys(POLICY) as Array<keyof OrderPolicy>).flatMap((name) => {
    const ms = policy[name];
    return ms === undefined ? [] : [`${POLICY[name]} ${formatDuration(ms)}`];
  });
}

/** What a step does, in a sentence without its end. */
export function describeStep(step: PlannedStep): string {
  switch (step.does) {
    case 'place':
      return describeOrders(step);
    case 'cancel':
      return `${step.order} is cancelled by its customer`;
    case 'until':
      return `wait until ${listClaims(step.claims)}, at most ${formatDuration(step.withinMs)}`;
    case 'expect':
      return `now ${listClaims(step.claims)}`;
    case 'fault':
      return step.fault.place.kind === 'now'
        ? `fault: ${describeFault(step.fault).replace(/^now: /, '')}`
        : `from now on, fault ${describeFault(step.fault)}`;
    case 'heal':
      return 'all faults are undone';
    case 'send':
      return describeSend(step.message);
    default:
      return unreachable(step, 'a step');
  }
}

function describeOrders({ orders, parallel, overMs }: PlannedStep & { does: 'place' }): string {
  const [first] = orders;
  if (first === undefined) return 'nobody orders';
  const copies = `${first.quantity} × book ${first.book}`;
  if (orders.length === 1) {
    const clicks = first.clicks === 1 ? '' : `, and clicks ${first.clicks} times`;
    return `${first.name}: ${first.customer} orders ${copies}${clicks}`;
  }
  const last = orders.at(-1) ?? first;
  const over = overMs === undefined ? '' : `, spread over ${formatDuration(overMs)}`;
  return `${first.name} … ${last.name}: ${plural(orders.length, 'order')} of ${copies}, ${parallel} at a time${over}`;
}

function describeSend({ to, message, text, order, times }: Send): string {
  const what = message ?? (text === undefined ? 'a message without a name' : 'a broken message');
  const copies = times === 1 ? '' : `, ${times} copies`;
  return `${what} is put into the queue of ${to}${order === undefined ? '' : ` for order ${order}`}${copies}`;
}

function listClaims(claims: readonly Claim[]): string {
  return claims.map(describeClaim).join(' and ');
}

/** What must hold, in a sentence without its end. */
export function describeClaim(claim: Claim): string {
  switch (claim.kind) {
    case 'order':
      return `order ${claim.order} is ${claim.status}`;
    case 'stock':
      return `book ${claim.book} has ${formatAmount(claim.amount)} to sell`;
    case 'paid':
      return `${claim.order ?? 'all orders together'} paid ${formatMoney(claim.cents)}`;
    case 'count':
      return `${claim.count} is ${formatAmount(claim.amount)}`;
    case 'mails':
      return `${formatAmount(claim.amount)} mails for ${claim.order ?? 'all orders together'}`;
    case 'trace':
      return `${claim.order} goes ${claim.events.join(' → ')}`;
    case 'never':
      return `${claim.order} never has ${claim.events.join(', ')}`;
    case 'messages':
      return `${formatAmount(claim.amount)} messages ${claim.count}`;
    case 'latency':
      return `${claim.of} is ${formatLimit(claim.limit)}`;
    case 'services':
      return 'every part of the stack answers';
    case 'queues':
      return 'every work queue is empty';
    default:
      return unreachable(claim, 'a claim');
  }
}

function formatLimit({ comparison, value }: Amount): string {
  return `${comparison} ${formatDuration(value)}`;
}
