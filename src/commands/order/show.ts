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
import { describeLines, describeRefund, describeShipping, describeStatus } from './describe.ts';
import { findOrder } from './find.ts';
import { describeStep, describeWait, eventWidth, markOf } from './steps.ts';
import { describeAwaited } from './waiting.ts';

/** @throws UserError `unknown-order` */
export async function runOrderShow(
  options: { readonly id: string },
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const client = await connectToMediator(context);
  const order = await findOrder(client, options.id);
  output.result({ order }, () => render(order, { output, now: context.clock.now() }));
  output.hint(`Next: wonderland trace ${order.id}`);
}

interface Rendering {
  readonly output: Output;
  /** Milliseconds since 1970. */
  readonly now: number;
}

function render(order: OrderDetail, { output, now }: Rendering): string {
  const total =
    order.totalCents === undefined ? '' : `: ${formatMoney(order.totalCents, order.currency)}`;
  const head = [
    `Order ${output.paint('strong', order.id)}`,
    `${describeStatus(order)}${order.open ? `; waits: ${describeWait(order.status)}` : ''}`,
    ...(order.waiting === undefined ? [] : [describeAwaited(order.waiting, now)]),
    `${describeLines(order.lines)}${total}`,
    ...(order.refundedCents === undefined ? [] : [describeRefund(order)]),
    `for ${order.customerId}, placed ${formatInstant(order.placedAt)}`,
    ...[describeShipping(order, now)].filter((line) => line !== undefined),
    '',
  ].join('\n');
  const layout = { start: order.placedAt, width: eventWidth(order.timeline), output };
  const lines = order.timeline.map((entry) => lineOf(entry, layout));
  return [wrap(head, output.columns), ...lines].join('\n');
}

/** What goes on in a second line stands under the event. */
const HANGING = 13;

interface Layout {
  /** When the order was placed, milliseconds since 1970. */
  readonly start: number;
  /** Of the event in each line. */
  readonly width: number;
  readonly output: Output;
}

/** `✔ +3.0 ms  reserved  inventory holds the copies`: offsets from the customer's request. */
function lineOf(entry: TimelineEntry, { start, width, output }: Layout): string {
  const offset = `+${formatDuration(Math.max(0, entry.at - start))}`.padStart(9);
  const text = `${offset}  ${describeStep(entry, width)}`;
  const line = stepLine(markOf(entry.event), text, output.paint);
  return wrap(line, output.columns, HANGING);
}
