/** From a scenario's meaning to what has to be done and to hold: the same wherever it runs. */
import { records } from '../contracts/logs.ts';
import type { OrderPolicy } from '../contracts/orders.ts';
import { claimsOf, type Claim } from './plan/claims.ts';
import { plannedFault, type PlannedFault } from './plan/faults.ts';
import type { Invariant } from './language/invariants.ts';
import type { ScenarioFile } from './language/language.ts';
import { ordersOf, type PlannedOrder } from './language/orders.ts';
import type { ParsedScenario } from './language/parse.ts';
import type { Send, Step } from './language/steps.ts';
import type { Variables } from './language/variables.ts';

/** A book that is made for the run; `ref` is its number in the file. */
export interface PlannedBook {
  readonly ref: number;
  readonly copies: number;
  readonly priceCents: number;
}

export type PlannedStep =
  | {
      readonly does: 'place';
      readonly orders: readonly PlannedOrder[];
      /** Customers who order at the same time. */
      readonly parallel: number;
      /** Each customer waits for the decision before the next one of the lane orders. */
      readonly awaitsDecision: boolean;
      /** The orders come evenly over this time, milliseconds. */
      readonly overMs: number | undefined;
    }
  | { readonly does: 'cancel'; readonly order: string }
  | { readonly does: 'until'; readonly claims: readonly Claim[]; readonly withinMs: number }
  | { readonly does: 'expect'; readonly claims: readonly Claim[] }
  | { readonly does: 'fault'; readonly fault: PlannedFault }
  | { readonly does: 'heal' }
  | { readonly does: 'send'; readonly message: Send };

export interface Plan {
  readonly name: string;
  /** The name with the values of its matrix and its repeat: `mediator-crash [point=ack]`. */
  readonly title: string;
  readonly about: string;
  readonly tags: readonly string[];
  readonly runsOn: ReadonlyArray<'sim' | 'live'>;
  readonly file: string;
  /** The file's text: with variables and seed it is all that is needed to make the plan again. */
  readonly text: string;
  readonly variables: Variables;
  /** The values of the matrix in this run. */
  readonly cell: Variables;
  readonly seed: number;
  readonly books: readonly PlannedBook[];
  readonly customers: readonly string[];
  readonly policy: OrderPolicy;
  /** Mediators that the stack must have at least. */
  readonly mediators: number;
  /** Must hold before the first step and after all faults; undefined when nothing is asked. */
  readonly steady: readonly Claim[] | undefined;
  readonly steps: readonly PlannedStep[];
  /** Faults that are armed before the first step. */
  readonly faults: readonly PlannedFault[];
  readonly claims: readonly Claim[];
  readonly settleMs: number;
  readonly skipped: readonly Invariant[];
}

const DEFAULT_WITHIN_MS = 10_000;

/** Everything the run needs to know, in order. */
export function planOf(parsed: ParsedScenario): Plan {
  const { file, text, scenario, variables, cell, seed } = parsed;
  const orders = scenario.steps.flatMap(ordersOf);
  return {
    name: scenario.scenario,
    title: titleOf(parsed),
    about: scenario.about.trim(),
    tags: scenario.tags,
    runsOn: scenario['runs-on'],
    file,
    text,
    variables,
    cell,
    seed,
    books: Object.entries(scenario.given.books).map(([ref, { stock, price }]) => ({
      ref: Number(ref),
      copies: stock,
      priceCents: price,
    })),
    customers: scenario.given.customers ?? [...new Set(orders.map(({ customer }) => customer))],
    policy: policyOf(scenario),
    mediators: scenario.given.mediators,
    steady: scenario.steady === undefined ? undefined : claimsOf(scenario.steady),
    steps: scenario.steps.map((step, index) => stepOf(step, `s${index + 1}`)),
    faults: scenario.faults.map((fault, index) => plannedFault(fault, `f${index + 1}`)),
    claims: claimsOf(scenario.expect),
    settleMs: scenario.settle,
    skipped: skippedOf(scenario),
  };
}

/** Every order that the steps place. */
export function plannedOrders({ steps }: Pick<Plan, 'steps'>): PlannedOrder[] {
  return steps.flatMap((step) => (step.does === 'place' ? step.orders : []));
}

/** Every fault, those of the steps after those that are armed at the beginning. */
export function plannedFaults({ faults, steps }: Pick<Plan, 'faults' | 'steps'>): PlannedFault[] {
  return [...faults, ...steps.flatMap((step) => (step.does === 'fault' ? [step.fault] : []))];
}

/**
 * A run that takes parts of the stack away disturbs whatever else runs there; so does one with a fault at log
 * records, which those of all orders share.
 */
export function isDisruptive(plan: Pick<Plan, 'faults' | 'steps'>): boolean {
  return plannedFaults(plan).some(
    ({ does, place }) =>
      does.kind === 'stack' || (place.kind === 'point' && place.target.message === records.name),
  );
}

function titleOf({ scenario, cell, repetition, repetitions }: ParsedScenario): string {
  const values = Object.entries(cell).map(([name, value]) => `${name}=${value}`);
  const repeat = repetitions > 1 ? [`${repetition} of ${repetitions}`] : [];
  const notes = [...values, ...repeat].join(', ');
  return notes === '' ? scenario.scenario : `${scenario.scenario} [${notes}]`;
}

function policyOf({ given: { policy } }: ScenarioFile): OrderPolicy {
  const all: Record<keyof OrderPolicy, number | undefined> = {
    shipAfterMs: policy['ship-after'],
    inventoryTimeoutMs: policy['inventory-timeout'],
    paymentTimeoutMs: policy['payment-timeout'],
    customerTimeoutMs: policy['customer-timeout'],
    notificationTimeoutMs: policy['notification-timeout'],
    decideWithinMs: policy['decide-within'],
    retryAtMostMs: policy['retry-at-most'],
  };
  return Object.fromEntries(Object.entries(all).filter(([, ms]) => ms !== undefined));
}

function stepOf(step: Step, id: string): PlannedStep {
  if (step.until !== undefined) {
    const withinMs = step.within ?? DEFAULT_WITHIN_MS;
    return { does: 'until', claims: claimsOf(step.until), withinMs };
  }
  if (step.cancel !== undefined) return { does: 'cancel', order: step.cancel };
  if (step.expect !== undefined) return { does: 'expect', claims: claimsOf(step.expect) };
  if (step.fault !== undefined) return { does: 'fault', fault: plannedFault(step.fault, id) };
  if (step.heal !== undefined) return { does: 'heal' };
  if (step.send !== undefined) return { does: 'send', message: step.send };
  return {
    does: 'place',
    orders: ordersOf(step),
    parallel: step.orders?.parallel ?? 1,
    awaitsDecision: step.orders !== undefined,
    overMs: step.orders?.over,
  };
}

function skippedOf({ invariants }: ScenarioFile): Invariant[] {
  return Object.entries(invariants)
    .filter(([, value]) => value === 'skip')
    .map(([name]) => name as Invariant);
}
