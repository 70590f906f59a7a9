/** Shows one order with everything that happened to it. */
import type { OrderDetail, TimelineEntry } from '../../contracts/orders.ts';
import { formatDuration } from '../../kernel/durations.ts';
import { formatMoney } from '../../kernel/money.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import type { Output } from '../output.ts';
import { stepLine } from '../progress.ts';
import { formatInstant } from '../times.ts';
import { wrap } from '../wrapping.ts';
import { describeLines, describeStatus } from './describe.ts';
import { findOrder } from './find.ts';
import { describeStep, describeWait, markOf } from './steps.ts';

/** @throws UserError `unknown-order` */
export async function runOrderShow(
  options: { readonly id: string },
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const client = await connectToMediator(context);
  const order = await findOrder(client, options.id);
  output.result({ order }, () => render(order, output));
  output.hint(`Next: wonderland trace ${order.id}`);
}

function render(order: OrderDetail, output: Output): string {
  const total =
    order.totalCents === undefined ? '' : `: ${formatMoney(order.totalCents, order.currency)}`;
  const head = [
    `Order ${output.paint('strong', order.id)}`,
    `${describeStatus(order)}${order.open ? `; waits: ${describeWait(order.status)}` : ''}`,
    `${describeLines(order.lines)}${total}`,
    `for ${order.customerId}, placed ${formatInstant(order.placedAt)}`,
    '',
  ].join('\n');
  const lines = order.timeline.map((entry) => lineOf(entry, order.placedAt, output));
  return [wrap(head, output.columns), ...lines].join('\n');
}

/** What goes on in a second line stands under the event. */
const HANGING = 13;

/** `✔ +3.0 ms  reserved  inventory holds the copies`: offsets from the customer's request. */
function lineOf(entry: TimelineEntry, start: number, output: Output): string {
  const offset = `+${formatDuration(Math.max(0, entry.at - start))}`.padStart(9);
  const text = `${offset}  ${describeStep(entry)}`;
  const line = stepLine(markOf(entry.event), text, output.paint);
  return wrap(line, output.columns, HANGING);
}
