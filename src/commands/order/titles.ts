/** Titles for an order that ended before inventory told them. */
import type { OrderDetail } from '../../contracts/orders.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { MediatorClient } from '../mediator-client.ts';

/** The order is told without titles rather than late. */
const PATIENCE_MS = 1_000;

type Line = OrderDetail['lines'][number];

/** The same order, each line with the title of its book where the catalogue says it in time. */
export async function withTitles(
  order: OrderDetail,
  { client, clock }: { readonly client: MediatorClient; readonly clock: Clock },
): Promise<OrderDetail> {
  if (order.lines.every((line) => 'title' in line)) return order;
  const titled = Promise.all(order.lines.map((line) => titledLine(line, client)));
  const waiting = new AbortController();
  const tooLate = clock.sleep(PATIENCE_MS, waiting.signal).then(
    () => order.lines,
    () => order.lines,
  );
  const lines = await Promise.race([titled, tooLate]).finally(() => waiting.abort());
  return { ...order, lines };
}

async function titledLine(line: Line, client: MediatorClient): Promise<Line> {
  if ('title' in line) return line;
  const book = await client.book(line.bookId).catch(() => undefined);
  if (book === undefined) return line;
  return { ...line, title: book.title, unitPriceCents: book.priceCents };
}
