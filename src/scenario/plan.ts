/** From a scenario's meaning to what has to be done and to hold: the same wherever it runs. */
import type { FaultAction } from '../contracts/faults.ts';
import type { OrderEvent, OrderStatus } from '../contracts/orders.ts';
import { BugError } from '../kernel/errors.ts';
import type { Invariant } from './language/invariants.ts';
import type { Count, Expectation, Fault, ScenarioFile, Step } from './language/language.ts';
import { ordersOf, type PlannedOrder } from './language/orders.ts';
import type { ParsedScenario } from './language/parse.ts';
import { PLACES, type Target } from './language/places.ts';
import { TOTAL } from './language/references.ts';
import type { Amount } from './language/values.ts';
import type { Variables } from './language/variables.ts';

/** A book that is made for the run; `ref` is its number in the file. */
export interface PlannedBook {
  readonly ref: number;
  readonly copies: number;
  readonly priceCents: number;
}

/** One thing that must hold. `order: undefined` means all orders together. */
export type Claim =
  | { readonly kind: 'order'; readonly order: string; readonly status: OrderStatus }
  | { readonly kind: 'stock'; readonly book: number; readonly amount: Amount }
  | { readonly kind: 'paid'; readonly order: string | undefined; readonly cents: number }
  | { readonly kind: 'trace'; readonly order: string; readonly events: readonly OrderEvent[] }
  | { readonly kind: 'never'; readonly order: string; readonly events: readonly OrderEvent[] }
  | { readonly kind: 'count'; readonly count: Count; readonly amount: Amount }
  | { readonly kind: 'mails'; readonly order: string | undefined; readonly amount: Amount };

export type PlannedStep =
  | {
      readonly does: 'place';
      readonly orders: readonly PlannedOrder[];
      /** Customers who order at the same time. */
      readonly parallel: number;
      /** Each customer waits for the decision before the next one of the lane orders. */
      readonly awaitsDecision: boolean;
    }
  | { readonly does: 'cancel'; readonly order: string }
  | { readonly does: 'until'; readonly claims: readonly Claim[]; readonly withinMs: number }
  | { readonly does: 'expect'; readonly claims: readonly Claim[] };

export interface PlannedFault {
  /** `f1`, `f2` … in order of the file. */
  readonly id: string;
  /** As it stands in the file, for reports. */
  readonly at: string;
  readonly target: Target;
  readonly action: FaultAction;
  readonly nth: number;
  /** Undefined means all. */
  readonly times: number | undefined;
}

export interface Plan {
  readonly name: string;
  readonly about: string;
  readonly tags: readonly string[];
  readonly file: string;
  readonly variables: Variables;
  readonly books: readonly PlannedBook[];
  readonly customers: readonly string[];
  /** How long a confirmed order rests before it is shipped, milliseconds; undefined: as in the shop. */
  readonly shipAfterMs: number | undefined;
  readonly steps: readonly PlannedStep[];
  readonly faults: readonly PlannedFault[];
  readonly claims: readonly Claim[];
  readonly settleMs: number;
  readonly skipped: readonly Invariant[];
}

const DEFAULT_WITHIN_MS = 10_000;

/** Everything the run needs to know, in order. */
export function planOf({ file, scenario, variables }: ParsedScenario): Plan {
  const orders = scenario.steps.flatMap(ordersOf);
  return {
    name: scenario.scenario,
    about: scenario.about.trim(),
    tags: scenario.tags,
    file,
    variables,
    books: Object.entries(scenario.given.books).map(([ref, { stock, price }]) => ({
      ref: Number(ref),
      copies: stock,
      priceCents: price,
    })),
    customers: scenario.given.customers ?? [...new Set(orders.map(({ customer }) => customer))],
    shipAfterMs: scenario.given.policy['ship-after'],
    steps: scenario.steps.map(stepOf),
    faults: scenario.faults.map(faultOf),
    claims: claimsOf(scenario.expect),
    settleMs: scenario.settle,
    skipped: skippedOf(scenario),
  };
}

/** Every order that the steps place. */
export function plannedOrders({ steps }: Pick<Plan, 'steps'>): PlannedOrder[] {
  return steps.flatMap((step) => (step.does === 'place' ? step.orders : []));
}

function stepOf(step: Step): PlannedStep {
  if (step.until !== undefined) {
    const withinMs = step.within ?? DEFAULT_WITHIN_MS;
    return { does: 'until', claims: claimsOf(step.until), withinMs };
  }
  if (step.cancel !== undefined) return { does: 'cancel', order: step.cancel };
  if (step.expect !== undefined) return { does: 'expect', claims: claimsOf(step.expect) };
  return {
    does: 'place',
    orders: ordersOf(step),
    parallel: step.orders?.parallel ?? 1,
    awaitsDecision: step.orders !== undefined,
  };
}

function faultOf(fault: Fault, index: number): PlannedFault {
  const target = PLACES.get(fault.at);
  if (target === undefined) throw new BugError(`${fault.at} passed the schema but is no place`);
  return {
    id: `f${index + 1}`,
    at: fault.at,
    target,
    action: actionOf(fault),
    nth: fault.nth,
    times: fault.times === 'all' ? undefined : fault.times,
  };
}

function actionOf({ decline, error, delay }: Fault): FaultAction {
  if (decline !== undefined) return { verb: 'decline', reason: decline };
  if (delay !== undefined) return { verb: 'delay', ...delay };
  return { verb: 'error', message: error ?? 'fault' };
}

function each<Value>(values: Readonly<Record<string, Value>>): Array<[string, Value]> {
  return Object.entries(values);
}

function claimsOf(expectation: Expectation): Claim[] {
  const { order = {}, stock = {}, paid = {}, trace = {}, never = {}, count = {} } = expectation;
  return [
    ...each(order).map(([name, status]) => ({ kind: 'order' as const, order: name, status })),
    ...each(count).map(([name, amount]) => ({
      kind: 'count' as const,
      count: name as Count,
      amount: amount as Amount,
    })),
    ...each(stock).map(([ref, amount]) => ({ kind: 'stock' as const, book: Number(ref), amount })),
    ...each(paid).map(([name, cents]) => ({ kind: 'paid' as const, order: orderOf(name), cents })),
    ...each(trace).map(([name, events]) => ({ kind: 'trace' as const, order: name, events })),
    ...each(never).map(([name, events]) => ({ kind: 'never' as const, order: name, events })),
    ...each(expectation.mails ?? {}).map(([name, amount]) => ({
      kind: 'mails' as const,
      order: orderOf(name),
      amount,
    })),
  ];
}

function orderOf(name: string): string | undefined {
  return name === TOTAL ? undefined : name;
}

function skippedOf({ invariants }: ScenarioFile): Invariant[] {
  return Object.entries(invariants)
    .filter(([, value]) => value === 'skip')
    .map(([name]) => name as Invariant);
}
