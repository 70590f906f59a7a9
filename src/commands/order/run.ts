/** Places an order and follows it to its end. */
import { FINAL_STATUSES, type OrderDetail, type PlaceOrder } from '../../contracts/orders.ts';
import { PaymentKind } from '../../contracts/payment.ts';
import { UserError } from '../../kernel/errors.ts';
import { oneOf } from '../arguments.ts';
import type { CommandContext } from '../context.ts';
import type { MediatorClient } from '../mediator-client.ts';
import { connectToMediator } from '../connect.ts';
import { describeStatus } from './describe.ts';
import { pairQuantities, parseBook, parseQuantity } from './input.ts';
import { choosePayment, type PaymentFlags } from './payment.ts';
import { placeOrder } from './place.ts';
import { awaitedServices } from './steps.ts';
import { nextCommand, summarise, type Summary } from './summary.ts';
import { withTitles } from './titles.ts';
import { interrupted, notSettled } from './unfinished.ts';
import { watchOrder } from './watch.ts';
import { checkWish } from './wish.ts';
import { wrap } from '../wrapping.ts';

export interface OrderOptions {
  /** As typed: `42` or `42=2`. */
  readonly books: readonly string[];
  readonly quantities: readonly string[];
  readonly customer?: string | undefined;
  readonly pay?: string | undefined;
  readonly card?: string | undefined;
  readonly wait: boolean;
  readonly timeoutMs: number;
  readonly failOnReject?: boolean | undefined;
  readonly idempotencyKey?: string | undefined;
}

const DEFAULT_CUSTOMER = 'alice';

/**
 * @throws UserError for what can't be ordered, `timeout` when the order is not settled in time,
 * `order-rejected` with failOnReject.
 */
export async function runOrder(options: OrderOptions, context: CommandContext): Promise<void> {
  const wish = readFlags(options);
  const mustAsk = wish.books.length === 0;
  if (mustAsk && !context.terminal.canAsk) throw missingBook();
  const client = await connectToMediator(context);
  const order = mustAsk
    ? await ask(client, options, context)
    : await checkWish({ client, context, ...wish, customer: options.customer ?? DEFAULT_CUSTOMER });
  await placeAndFollow({ client, order, options, context });
}

/** Everything that can be refused without asking anybody is refused here. */
function readFlags(options: OrderOptions) {
  const quantities = options.quantities.map(parseQuantity);
  return {
    books: pairQuantities(options.books.map(parseBook), quantities),
    payment: choosePayment(paymentFlags(options)),
  };
}

function paymentFlags({ pay, card }: OrderOptions): PaymentFlags {
  return { card, pay: pay === undefined ? undefined : oneOf('--pay', PaymentKind.options)(pay) };
}

/** @throws UserError `interrupted` on Ctrl-C at a question. */
async function ask(
  client: MediatorClient,
  options: OrderOptions,
  context: CommandContext,
): Promise<PlaceOrder> {
  const { askForOrder } = await import('./prompts.ts');
  const [quantity] = options.quantities.map(parseQuantity);
  const isPaid = options.pay !== undefined || options.card !== undefined;
  const payment = isPaid ? choosePayment(paymentFlags(options)) : undefined;
  try {
    return await askForOrder({ client, context, quantity, customer: options.customer, payment });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExitPromptError') throw error;
    throw new UserError('interrupted', 'Stopped; nothing was ordered.', { cause: error });
  }
}

interface Placing {
  readonly client: MediatorClient;
  readonly order: PlaceOrder;
  readonly options: OrderOptions;
  readonly context: CommandContext;
}

async function placeAndFollow({ client, order, options, context }: Placing): Promise<void> {
  const { output } = context;
  const deadline = context.clock.elapsed() + options.timeoutMs;
  const key = options.idempotencyKey ?? context.ids.uuid();
  const placed = await placeOrder({ client, context, order, key, deadline });
  if (!options.wait) {
    const next = `wonderland order show ${placed.id}`;
    output.result({ order: placed, next }, () => `Order ${placed.id} is placed: ${placed.status}.`);
    return output.hint(`Next: ${next}`);
  }
  const { entries, silent } = await watchOrder({
    client,
    context,
    orderId: placed.id,
    deadline,
    beginning: 'sending the order',
  });
  if (context.signal.aborted) throw interrupted(placed.id);
  const detail = await client.order(placed.id);
  if (!FINAL_STATUSES.includes(detail.status)) {
    const awaited = silent.length > 0 ? silent : awaitedServices(entries);
    throw notSettled({ detail, timeoutMs: options.timeoutMs, awaited });
  }
  const titled = await withTitles(detail, { client, clock: context.clock });
  report({ detail, summary: summarise(titled, context.clock.now()), options, context });
}

interface Ending {
  readonly detail: OrderDetail;
  /** For people; what programs get is the order as the mediator tells it. */
  readonly summary: Summary;
  readonly options: OrderOptions;
  readonly context: CommandContext;
}

function report({ detail, summary, options, context: { output } }: Ending): void {
  const next = nextCommand(detail);
  if (detail.status === 'rejected' && options.failOnReject === true) {
    output.text(wrap(summary.text(output.paint), output.columns));
    throw new UserError('order-rejected', `Order ${detail.id} was ${describeStatus(detail)}.`, {
      hint: `Next: ${next}`,
      details: { order: detail, durationMs: summary.durationMs, next },
    });
  }
  const result = { order: detail, durationMs: summary.durationMs, next };
  output.result(result, () => wrap(summary.text(output.paint), output.columns));
  output.hint(`Next: ${next}`);
}

function missingBook(): UserError {
  return new UserError('input-missing', '--book is missing, and there is no terminal to ask on.', {
    hint: 'Write for example: wonderland order --book 42',
    details: { flag: '--book' },
  });
}
