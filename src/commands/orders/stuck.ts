/** Lists orders that have waited for an answer for a minute: who owes it, why, and when they are asked again. */
import type { OrderView, Waiting } from '../../contracts/orders.ts';
import { formatDuration } from '../../kernel/durations.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import { endOf } from '../order/describe.ts';
import { nextOf, servicesOf, whyOf } from '../order/waiting.ts';
import type { OrderFilter } from '../mediator-client.ts';
import { renderTable, type Column } from '../table.ts';

interface StuckRow {
  readonly order: OrderView;
  readonly waiting: Waiting;
}

function columnsOf(now: number): readonly Column<StuckRow>[] {
  return [
    { title: 'order', value: ({ order }) => order.id, short: ({ order }) => endOf(order.id) },
    { title: 'status', value: ({ order }) => order.status },
    { title: 'waits for', value: ({ waiting }) => stepsOf(waiting), canShrink: true },
    { title: 'since', value: ({ waiting }) => formatDuration(now - waiting.since), canGo: true },
    { title: 'asked', value: ({ waiting }) => `${waiting.attempt} ×`, align: 'right', canGo: true },
    { title: 'next', value: ({ waiting }) => nextOf(waiting, now), canGo: true },
    { title: 'why', value: ({ waiting }) => whyOf(waiting), canShrink: true },
  ];
}

/** An empty list is no failure. */
export async function runStuckOrders(
  filter: Omit<OrderFilter, 'stuck'>,
  context: CommandContext,
): Promise<void> {
  const { output, clock } = context;
  const client = await connectToMediator(context);
  const orders = await client.orders({ ...filter, stuck: 'true' });
  const rows = orders.flatMap((order) =>
    order.waiting === undefined ? [] : [{ order, waiting: order.waiting }],
  );
  output.result({ orders }, () =>
    rows.length === 0 ? 'No order is stuck.' : renderTable(rows, columnsOf(clock.now()), output),
  );
  const [first] = rows;
  if (first !== undefined) output.hint(adviceFor(first));
}

/** `inventory (release)`. */
function stepsOf({ steps }: Waiting): string {
  return steps.map(({ step, service }) => `${service} (${step})`).join(', ');
}

/** What helps the oldest trouble: a dead letter is sent again, a part that is silent is looked at. */
function adviceFor({ order, waiting }: StuckRow): string {
  const [service = 'mediator'] = servicesOf(waiting);
  if (waiting.trouble?.startsWith('dead-lettered') === true) {
    return 'Its command is a dead letter. Next: wonderland dlq list';
  }
  return (
    `Nothing is lost: it goes on when ${service} answers. ` +
    `Next: wonderland ps, wonderland logs ${service} --order ${order.id}`
  );
}
