/** Shows one order as a waterfall. */
import type { LogRecord } from '../../contracts/logs.ts';
import type { OrderDetail } from '../../contracts/orders.ts';
import { UserError } from '../../kernel/errors.ts';
import { traceIdOf } from '../../kernel/trace.ts';
import { openLogReader } from '../../services/logging/reader.ts';
import type { CommandContext } from '../context.ts';
import type { MediatorClient } from '../mediator-client.ts';
import { connectToMediator } from '../connect.ts';
import { describeLines, describeStatus } from '../order/describe.ts';
import { findOrder } from '../order/find.ts';
import { endpointsOf } from '../stack-place.ts';
import { wrap } from '../wrapping.ts';
import { traceRows } from './rows.ts';
import { renderWaterfall } from './waterfall.ts';

/** Where the width of the reader is not known, for example in a file. */
const DEFAULT_COLUMNS = 100;

/** @throws UserError `unknown-order` */
export async function runTrace(
  { id }: { readonly id: string | undefined },
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const client = await connectToMediator(context);
  const order = await findOrder(client, id ?? (await newestOrder(client)));
  const rows = traceRows(order, await readSpans(order, context));
  const traceId = traceIdOf(order.traceparent);
  output.result({ orderId: order.id, traceId, status: order.status, rows }, () => {
    const columns = output.columns ?? DEFAULT_COLUMNS;
    return `${wrap(headOf(order), output.columns)}\n\n${renderWaterfall(rows, { columns, paint: output.paint })}`;
  });
  output.hint(`The records: wonderland logs --order ${order.id}`);
}

function headOf(order: OrderDetail): string {
  return `Order ${order.id}\n${describeStatus(order)}; ${describeLines(order.lines)}`;
}

async function newestOrder(client: MediatorClient): Promise<string> {
  const [newest] = await client.orders({ limit: 1 });
  if (newest !== undefined) return newest.id;
  throw new UserError('unknown-order', 'There are no orders yet.', {
    hint: 'Place one: wonderland order --book 42',
  });
}

/** What the parts logged of their work; the saga's own events are shown without it. */
async function readSpans(order: OrderDetail, context: CommandContext): Promise<LogRecord[]> {
  const { logFile } = endpointsOf(await context.settings());
  using reader = openLogReader(logFile, context.clock);
  if (reader === undefined) context.output.warn(`no log store at ${logFile}: events only`);
  return reader?.spansOf(order.id) ?? [];
}
