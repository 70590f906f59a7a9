/** Judges what a scenario expects: each claim becomes one check. Pure. */
import type { TimelineEntry } from '../../contracts/orders.ts';
import { unreachable } from '../../kernel/errors.ts';
import { formatMoney } from '../../kernel/money.ts';
import type { Count } from '../language/expectations.ts';
import { formatAmount, meets } from '../language/values.ts';
import type { Claim } from '../plan/claims.ts';
import { examplesOf, type Check, type Finding } from './check.ts';
import { judgeLatency } from './latency.ts';
import { timesSent } from './mail-rules.ts';
import { judgeMessages, judgeQueues, judgeServices } from './stack-claims.ts';
import { acceptedOrders, netPaidCents, type Observations, type SeenOrder } from './observations.ts';

/** The check of one claim at the moment of the observations. */
export function judgeClaim(claim: Claim, seen: Observations): Check {
  return { kind: 'expectation', atMs: seen.atMs, ...findingOf(claim, seen) };
}

function findingOf(claim: Claim, seen: Observations): Finding {
  switch (claim.kind) {
    case 'order':
      return judgeStatus(claim, seen);
    case 'stock':
      return judgeStock(claim, seen);
    case 'paid':
      return judgePaid(claim, seen);
    case 'count':
      return judgeCount(claim, seen);
    case 'mails':
      return judgeMails(claim, seen);
    case 'trace':
      return judgeTrace(claim, seen);
    case 'never':
      return judgeNever(claim, seen);
    case 'messages':
      return judgeMessages(claim, seen);
    case 'latency':
      return judgeLatency(claim, seen);
    case 'services':
      return judgeServices(seen);
    case 'queues':
      return judgeQueues(seen);
    default:
      return unreachable(claim, 'a claim');
  }
}

type ClaimOf<Kind extends Claim['kind']> = Extract<Claim, { kind: Kind }>;

function judgeStatus({ order, status }: ClaimOf<'order'>, seen: Observations): Finding {
  const found = findOrder(seen, order);
  return {
    name: `order.${order}`,
    isMet: found?.detail?.status === status,
    expected: status,
    found: describeStatus(found),
    ...(found?.detail !== undefined && { atMs: found.detail.updatedAt - seen.startedAt }),
    orders: [order],
  };
}

function judgeStock({ book, amount }: ClaimOf<'stock'>, seen: Observations): Finding {
  const found = seen.books.find((each) => each.ref === book);
  const free = found === undefined ? undefined : found.onHand - found.held;
  return {
    name: `stock.${book}`,
    isMet: free !== undefined && meets(free, amount),
    expected: `${formatAmount(amount)} to sell`,
    found:
      found === undefined
        ? 'no such book'
        : `${free} to sell (${found.initial} at first, ${found.held} held, ${found.sold} sold)`,
    orders: examplesOf(acceptedOrders(seen).map(({ name }) => name)),
  };
}

function judgePaid({ order, cents }: ClaimOf<'paid'>, seen: Observations): Finding {
  const orders = order === undefined ? acceptedOrders(seen) : [findOrder(seen, order)];
  const paid = orders.reduce((sum, each) => sum + netPaidCents(seen, each?.detail?.id), 0);
  return {
    name: `paid.${order ?? 'total'}`,
    isMet: paid === cents,
    expected: formatMoney(cents),
    found: formatMoney(paid),
    orders: order === undefined ? [] : [order],
  };
}

function judgeMails({ order, amount }: ClaimOf<'mails'>, seen: Observations): Finding {
  const id = order === undefined ? undefined : findOrder(seen, order)?.detail?.id;
  const sent = seen.mails
    .filter((mail) => order === undefined || mail.orderId === id)
    .reduce((sum, mail) => sum + timesSent(mail), 0);
  return {
    name: `mails.${order ?? 'total'}`,
    isMet: meets(sent, amount),
    expected: `${formatAmount(amount)} sent`,
    found: `${sent} sent`,
    orders: order === undefined ? [] : [order],
  };
}

function judgeCount({ count, amount }: ClaimOf<'count'>, seen: Observations): Finding {
  const counted = acceptedOrders(seen).filter(({ detail }) => isCounted(count, detail));
  return {
    name: `count.${count}`,
    isMet: meets(counted.length, amount),
    expected: formatAmount(amount),
    found: `${counted.length}`,
    orders: examplesOf(counted.map(({ name }) => name)),
  };
}

function isCounted(count: Count, { status, open }: { status: string; open: boolean }): boolean {
  if (count === 'order.accepted') return true;
  return count === 'order.open' ? open : count === `order.${status}`;
}

/** The events must come in this order; others may lie between them. */
function judgeTrace({ order, events }: ClaimOf<'trace'>, seen: Observations): Finding {
  const happened = timelineOf(seen, order).map(({ event }) => event);
  let next = 0;
  for (const event of happened) if (event === events[next]) next++;
  const missing = events[next];
  return {
    name: `trace.${order}`,
    isMet: missing === undefined,
    expected: events.join(' → '),
    found:
      missing === undefined
        ? happened.join(' → ')
        : `${happened.join(' → ') || 'nothing'}; "${missing}" did not come${after(events[next - 1])}`,
    orders: [order],
  };
}

function after(event: string | undefined): string {
  return event === undefined ? '' : ` after "${event}"`;
}

function judgeNever({ order, events }: ClaimOf<'never'>, seen: Observations): Finding {
  const broken = timelineOf(seen, order).find(({ event }) => events.includes(event));
  return {
    name: `never.${order}`,
    isMet: broken === undefined,
    expected: `never ${events.join(', ')}`,
    found: broken === undefined ? 'none of them' : `"${broken.event}"`,
    ...(broken !== undefined && { atMs: broken.at - seen.startedAt }),
    orders: [order],
  };
}

function findOrder(seen: Observations, name: string): SeenOrder | undefined {
  return seen.orders.find((each) => each.name === name);
}

function timelineOf(seen: Observations, name: string): readonly TimelineEntry[] {
  return findOrder(seen, name)?.detail?.timeline ?? [];
}

function describeStatus(order: SeenOrder | undefined): string {
  if (order?.detail === undefined) {
    return order?.refusal === undefined ? 'not placed yet' : `not accepted: ${order.refusal}`;
  }
  const { status, reason } = order.detail;
  return reason === undefined ? status : `${status} (${reason})`;
}
