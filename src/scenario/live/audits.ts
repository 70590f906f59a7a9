/** What the participants' own databases say of a run: asked of each service, never read from logs. */
import * as customer from '../../contracts/customer.ts';
import * as inventory from '../../contracts/inventory.ts';
import * as notification from '../../contracts/notification.ts';
import * as payment from '../../contracts/payment.ts';
import type { Observations } from '../judge/observations.ts';
import type { Connection } from './connection.ts';
import type { World } from './world.ts';

const ASK_WITHIN_MS = 5_000;
/** The most that one answer can hold; a scenario has at most half as many orders. */
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

/** Ledger, histories and mails of these orders. */
export async function auditOrders(
  rpc: Ask,
  orderIds: string[],
): Promise<Pick<Observations, 'payments' | 'records' | 'mails'>> {
  if (orderIds.length === 0) return { payments: [], records: [], mails: [] };
  const withinMs = ASK_WITHIN_MS;
  const [ledger, histories, sent] = await Promise.all([
    rpc.ask({
      service: 'payment',
      contract: payment.audit,
      body: { orderIds },
      answer: payment.audited,
      withinMs,
    }),
    rpc.ask({
      service: 'customer',
      contract: customer.audit,
      body: { orderIds },
      answer: customer.audited,
      withinMs,
    }),
    rpc.ask({
      service: 'notification',
      contract: notification.audit,
      body: { orderIds, limit: MAX_MAILS },
      answer: notification.audited,
      withinMs,
    }),
  ]);
  return { payments: ledger.payments, records: histories.records, mails: sent.mails };
}
