/** What the parts' own databases say of a run: asked of each part, never read from logs. */
import { z } from 'zod';

import * as customer from '../../contracts/customer.ts';
import * as inventory from '../../contracts/inventory.ts';
import * as logs from '../../contracts/logs.ts';
import * as mediator from '../../contracts/mediator.ts';
import * as notification from '../../contracts/notification.ts';
import * as payment from '../../contracts/payment.ts';
import { messageOf } from '../../kernel/errors.ts';
import { SERVICES } from '../../messaging/topology.ts';
import { APP_PARTS } from '../../stack/instances.ts';
import { readinessOf } from '../../stack/readiness.ts';
import type { Observations, SeenSaga } from '../judge/observations.ts';
import type { Source } from '../judge/sources.ts';
import type { Connection } from './connection.ts';
import type { World } from './world.ts';

const ASK_WITHIN_MS = 5_000;
/** Deciding logs once more takes longer than reading rows. */
const DECIDE_WITHIN_MS = 15_000;
/** Orders in one question: each answer has room for four mails of every one. */
const ORDERS_AT_ONCE = 500;
/** The most that one answer can hold. */
const MAX_MAILS = 2_000;

type Ask = Connection['rpc'];

/** The run's books as they are now; consistent, because one transaction reads them. */
export async function auditStock(
  rpc: Ask,
  { books }: World,
): Promise<Pick<Observations, 'books' | 'holds'>> {
  if (books.size === 0) return { books: [], holds: [] };
  const answer = await rpc.ask({
    service: 'inventory',
    contract: inventory.audit,
    body: { bookIds: [...books.values()] },
    answer: inventory.audited,
    withinMs: ASK_WITHIN_MS,
  });
  const refs = new Map([...books].map(([ref, id]) => [id, ref]));
  return {
    books: answer.books.map(({ id, ...copies }) => ({ ref: refs.get(id) ?? id, ...copies })),
    holds: answer.holds,
  };
}

/** Ledger, histories and mails of these orders, as far as their parts are among the sources. */
export async function auditOrders(
  rpc: Ask,
  orderIds: readonly string[],
  sources: readonly Source[],
): Promise<Partial<Pick<Observations, 'payments' | 'records' | 'mails'>>> {
  const withinMs = ASK_WITHIN_MS;
  const pagesOf = async <Page>(source: Source, ask: (orderIds: string[]) => Promise<Page>) =>
    sources.includes(source) ? inPages(orderIds, ask) : undefined;
  const [ledger, histories, sent] = await Promise.all([
    pagesOf('payment', (page) => {
      const { audit: contract, audited: answer } = payment;
      return rpc.ask({ service: 'payment', contract, body: { orderIds: page }, answer, withinMs });
    }),
    pagesOf('customer', (page) => {
      const { audit: contract, audited: answer } = customer;
      return rpc.ask({ service: 'customer', contract, body: { orderIds: page }, answer, withinMs });
    }),
    pagesOf('notification', (page) => {
      const { audit: contract, audited: answer } = notification;
      const body = { orderIds: page, limit: MAX_MAILS };
      return rpc.ask({ service: 'notification', contract, body, answer, withinMs });
    }),
  ]);
  return {
    ...(ledger && { payments: ledger.flatMap((page) => page.payments) }),
    ...(histories && { records: histories.flatMap((page) => page.records) }),
    ...(sent && { mails: sent.flatMap((page) => page.mails) }),
  };
}

/** The saga logs of these orders, decided once more, and how much of them the log store has. */
export async function auditSagas(
  { rpc }: Pick<Connection, 'rpc'>,
  orderIds: readonly string[],
): Promise<SeenSaga[]> {
  const pages = await inPages(orderIds, async (page) => {
    // One after the other: what is in the log by then must be counted against what was logged before.
    const { orders: sagas } = await rpc.ask({
      service: 'mediator',
      contract: mediator.audit,
      body: { orderIds: page },
      answer: mediator.audited,
      withinMs: DECIDE_WITHIN_MS,
    });
    const { orders: stored } = await rpc.ask({
      service: 'logging',
      contract: logs.audit,
      body: { orderIds: page },
      answer: logs.audited,
      withinMs: ASK_WITHIN_MS,
    });
    const logged = new Map(stored.map(({ orderId, entries }) => [orderId, entries]));
    return sagas.map(({ orderId, logEntries, difference }) => ({
      orderId,
      entries: logEntries,
      logged: logged.get(orderId) ?? 0,
      ...(difference !== undefined && { difference }),
    }));
  });
  return pages.flat();
}

/** The sagas of a run that belong to none of the orders which customers know of. */
export function straysOf(
  sagas: ReadonlyArray<{ readonly id: string }>,
  known: readonly string[],
): Observations['strays'] {
  const ids = new Set(known);
  return sagas
    .filter(({ id }) => !ids.has(id))
    .map(({ id: orderId }) => ({ orderId, order: undefined }));
}

const Readiness = z.object({
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string().optional() })),
});

/** What is wrong with the stack, and what waits in its work queues. What cannot be found out is left out. */
export async function auditStack({
  http,
  bus,
  names,
}: Pick<Connection, 'http' | 'bus' | 'names'>): Promise<
  Pick<Observations, 'troubles' | 'waiting'>
> {
  const queues = [...SERVICES.map((service) => names.queueOf(service)), names.replies];
  const [troubles, depths] = await Promise.all([
    troublesOf(http),
    Promise.all(queues.map((queue) => bus.depthOf(queue))).catch(() => undefined),
  ]);
  if (depths === undefined) return { troubles };
  const waiting = queues.map((queue, index) => [queue, depths[index] ?? 0] as const);
  return { troubles, waiting: Object.fromEntries(waiting.filter(([, depth]) => depth > 0)) };
}

async function troublesOf(http: Connection['http']): Promise<string[]> {
  try {
    const { checks } = await http.exchange({ path: '/readyz', answer: Readiness, accept: [503] });
    const { troubles } = readinessOf(checks.map(withoutNothing), APP_PARTS);
    return troubles.map(({ name, detail }) => `${name}: ${detail}`);
  } catch (error) {
    return [`mediator: ${messageOf(error)}`];
  }
}

function withoutNothing({ name, ok, detail }: z.output<typeof Readiness>['checks'][number]) {
  return { name, ok, ...(detail !== undefined && { detail }) };
}

async function inPages<Page>(
  orderIds: readonly string[],
  ask: (page: string[]) => Promise<Page>,
): Promise<Page[]> {
  const pages: Page[] = [];
  for (let from = 0; from < orderIds.length; from += ORDERS_AT_ONCE) {
    pages.push(await ask(orderIds.slice(from, from + ORDERS_AT_ONCE)));
  }
  return pages;
}
