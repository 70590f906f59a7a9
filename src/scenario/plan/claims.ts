/** What must hold, one claim for each thing that a scenario expects. */
import type { OrderEvent, OrderStatus } from '../../contracts/orders.ts';
import type { Count, Expectation, Latency, MessageCount } from '../language/expectations.ts';
import { TOTAL } from '../language/references.ts';
import type { Amount } from '../language/values.ts';

/** One thing that must hold. `order: undefined` means all orders together. */
export type Claim =
  | { readonly kind: 'order'; readonly order: string; readonly status: OrderStatus }
  | { readonly kind: 'stock'; readonly book: number; readonly amount: Amount }
  | { readonly kind: 'paid'; readonly order: string | undefined; readonly cents: number }
  | { readonly kind: 'trace'; readonly order: string; readonly events: readonly OrderEvent[] }
  | { readonly kind: 'never'; readonly order: string; readonly events: readonly OrderEvent[] }
  | { readonly kind: 'count'; readonly count: Count; readonly amount: Amount }
  | { readonly kind: 'mails'; readonly order: string | undefined; readonly amount: Amount }
  | { readonly kind: 'messages'; readonly count: MessageCount; readonly amount: Amount }
  /** The limit is in milliseconds. */
  | { readonly kind: 'latency'; readonly of: Latency; readonly limit: Amount }
  | { readonly kind: 'services' }
  | { readonly kind: 'queues' };

/** In the order of the language, not of the file. */
export function claimsOf(expectation: Expectation): Claim[] {
  const { order = {}, stock = {}, paid = {}, trace = {}, never = {}, mails = {} } = expectation;
  return [
    ...each(order).map(([name, status]) => ({ kind: 'order' as const, order: name, status })),
    ...each(expectation.count).map(([count, amount]) => ({
      kind: 'count' as const,
      count,
      amount,
    })),
    ...each(stock).map(([ref, amount]) => ({ kind: 'stock' as const, book: Number(ref), amount })),
    ...each(paid).map(([name, cents]) => ({ kind: 'paid' as const, order: orderOf(name), cents })),
    ...each(trace).map(([name, events]) => ({ kind: 'trace' as const, order: name, events })),
    ...each(never).map(([name, events]) => ({ kind: 'never' as const, order: name, events })),
    ...each(mails).map(([name, amount]) => ({
      kind: 'mails' as const,
      order: orderOf(name),
      amount,
    })),
    ...each(expectation.messages).map(([count, amount]) => ({
      kind: 'messages' as const,
      count,
      amount,
    })),
    ...each(expectation.latency).map(([of, limit]) => ({ kind: 'latency' as const, of, limit })),
    ...(expectation.services === undefined ? [] : [{ kind: 'services' as const }]),
    ...(expectation.queues === undefined ? [] : [{ kind: 'queues' as const }]),
  ];
}

function each<Name extends string, Value>(
  values: Partial<Readonly<Record<Name, Value>>> = {},
): Array<[Name, NonNullable<Value>]> {
  return Object.entries(values).filter(([, value]) => value !== undefined) as Array<
    [Name, NonNullable<Value>]
  >;
}

function orderOf(name: string): string | undefined {
  return name === TOTAL ? undefined : name;
}
