/** Takes an order back before it is shipped, and follows that to its end. */
import type { OrderDetail } from '../../contracts/orders.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import type { MediatorClient } from '../mediator-client.ts';
import { formatInstant } from '../times.ts';
import { wrap } from '../wrapping.ts';
import { describeRefund } from './describe.ts';
import { findOrder } from './find.ts';
import { askUntilAnswered } from './persistence.ts';
import { awaitedServices } from './steps.ts';
import { nextCommand, summarise } from './summary.ts';
import { interrupted, notSettled } from './unfinished.ts';
import { watchOrder } from './watch.ts';

export interface CancelOptions {
  readonly id: string;
  readonly wait: boolean;
  readonly timeoutMs: number;
}

/**
 * An order that is cancelled already is no failure.
 * @throws UserError `unknown-order`, `not-cancellable` when it was shipped or rejected, `timeout` when it is
 * not cancelled in time; what the mediator said when it refused until then, as `database-unreachable`.
 */
export async function runOrderCancel(
  options: CancelOptions,
  context: CommandContext,
): Promise<void> {
  const deadline = context.clock.elapsed() + options.timeoutMs;
  const client = await connectToMediator(context);
  const before = await findOrder(client, options.id);
  if (before.status === 'cancelled') return reportAgain(before, context);
  const cancelling = await askUntilAnswered(
    { context, deadline },
    {
      ask: (limitMs) => client.cancelOrder(before.id, limitMs),
      lost: 'The mediator was lost before it said whether it cancels.',
      hint: `Ask again, it can't be cancelled twice: wonderland order cancel ${before.id}`,
      details: { orderId: before.id },
    },
  );
  if (options.wait) return follow({ client, context, before, deadline, options });
  const next = `wonderland order show ${before.id}`;
  const text = `Order ${before.id} is being cancelled: ${cancelling.status}.`;
  context.output.result({ order: cancelling, next }, () => text);
  context.output.hint(`Next: ${next}`);
}

interface Following {
  readonly client: MediatorClient;
  readonly context: CommandContext;
  readonly before: OrderDetail;
  readonly deadline: number;
  readonly options: CancelOptions;
}

async function follow({ client, context, before, deadline, options }: Following): Promise<void> {
  const { id: orderId } = before;
  const { entries, silent } = await watchOrder({
    client,
    context,
    orderId,
    deadline,
    beginning: 'taking the order back',
    afterSeq: before.timeline.length,
    eventWidth: 'cancel-requested'.length,
    endings: ['cancelled'],
  });
  if (context.signal.aborted) throw interrupted(orderId);
  const detail = await client.order(orderId);
  if (detail.status === 'cancelled') return report(detail, context);
  const awaited = silent.length > 0 ? silent : awaitedServices(entries);
  throw notSettled({ detail, timeoutMs: options.timeoutMs, awaited });
}

function report(order: OrderDetail, { output, clock }: CommandContext): void {
  const { refundedCents = 0 } = order;
  const { durationMs, text } = summarise(order, clock.now());
  const next = nextCommand(order);
  const result = { order, refundedCents, durationMs, already: false, next };
  output.result(result, () => wrap(text(output.paint), output.columns));
  output.hint(`Next: ${next}`);
}

/** Somebody was faster, or asked before. */
function reportAgain(order: OrderDetail, { output }: CommandContext): void {
  const { refundedCents = 0 } = order;
  const next = nextCommand(order);
  const end = order.timeline.findLast((entry) => entry.event === 'cancelled');
  const since = formatInstant(end?.at ?? order.updatedAt);
  const text = `Order ${order.id} is cancelled already, since ${since}; ${describeRefund(order)}`;
  output.result({ order, refundedCents, already: true, next }, () => wrap(text, output.columns));
  output.hint(`Next: ${next}`);
}
