/** A plan as a story: what the world is, who orders, what goes wrong, what must hold. */
import { formatDuration } from '../../kernel/durations.ts';
import { unreachable } from '../../kernel/errors.ts';
import { formatMoney } from '../../kernel/money.ts';
import { INVARIANTS } from '../language/invariants.ts';
import { formatAmount } from '../language/values.ts';
import type { Claim, Plan, PlannedStep } from '../plan.ts';
import { describeFault, plural } from './wording.ts';

/** Sections of titled lines. */
export function describePlan(plan: Plan): ReadonlyArray<readonly [title: string, lines: string[]]> {
  const kept = INVARIANTS.filter((name) => !plan.skipped.includes(name));
  const variables = Object.entries(plan.variables).map(([name, value]) => `${name} = ${value}`);
  const sections: Array<readonly [string, string[]]> = [
    ['Variables', variables],
    ['Given', [...plan.books.map(describeBook), ...describePolicy(plan)]],
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

function describePolicy({ shipAfterMs }: Plan): string[] {
  return shipAfterMs === undefined ? [] : [`orders ship after ${formatDuration(shipAfterMs)}`];
}

function describeStep(step: PlannedStep): string {
  switch (step.does) {
    case 'place':
      return describeOrders(step);
    case 'cancel':
      return `${step.order} is cancelled by its customer`;
    case 'until':
      return `wait until ${listClaims(step.claims)}, at most ${formatDuration(step.withinMs)}`;
    case 'expect':
      return `now ${listClaims(step.claims)}`;
    default:
      return unreachable(step, 'a step');
  }
}

function describeOrders({ orders, parallel }: PlannedStep & { does: 'place' }): string {
  const [first] = orders;
  if (first === undefined) return 'nobody orders';
  const copies = `${first.quantity} × book ${first.book}`;
  if (orders.length === 1) return `${first.name}: ${first.customer} orders ${copies}`;
  const last = orders.at(-1) ?? first;
  return `${first.name} … ${last.name}: ${plural(orders.length, 'order')} of ${copies}, ${parallel} at a time`;
}

function listClaims(claims: readonly Claim[]): string {
  return claims.map(describeClaim).join(' and ');
}

function describeClaim(claim: Claim): string {
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
    default:
      return unreachable(claim, 'a claim');
  }
}
