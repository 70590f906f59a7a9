/**
 * Orders per second through the whole stack, beside a raw request/reply loop on the same broker in the same run.
 *
 *   npm run bench                                  embedded, and external when its URLs are set
 *   npm run bench -- --engine external --orders 2000
 *
 * `pivot` is the answer of POST /orders (payment decided, durable); `confirmed` is the saga's end of interest.
 * `ratio` is confirmed orders per second over raw round trips per second: what a whole saga costs in round trips.
 */
import { parseArgs } from 'node:util';

import { readSettings } from '../src/config/settings.ts';
import { liveClock, liveIds } from '../src/kernel/live.ts';
import { startEphemeralStack, type EphemeralOptions } from '../src/stack/ephemeral-stack.ts';
import { measureOrders, type OrderFigures } from './order-load.ts';
import { stockShelves } from './shelves.ts';
import { measureRoundTrips, type RoundTripFigures } from './round-trips.ts';

const PARALLEL = [1, 16, 64];
const ROUND_TRIP_MS = 2_000;

const { values } = parseArgs({
  options: { engine: { type: 'string' }, orders: { type: 'string', default: '1000' } },
});
const orders = Number(values.orders);
const { amqpUrl, databaseUrl } = readSettings();
const common = { clock: liveClock, ids: liveIds, registryDir: readSettings().stateDir };

const engines: Record<string, EphemeralOptions | undefined> = {
  embedded: { ...common, engine: 'embedded' },
  external:
    amqpUrl === undefined || databaseUrl === undefined
      ? undefined
      : { ...common, engine: 'external', amqpUrl, databaseUrl },
};

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

print('engine    parallel  confirmed/s  pivot p50/p99 ms  confirmed p50/p99 ms  raw rpc/s  ratio');
for (const [name, options] of Object.entries(engines)) {
  if (values.engine !== undefined && values.engine !== name) continue;
  if (options === undefined) {
    print(`${name.padEnd(10)}skipped: set WONDERLAND_AMQP_URL and WONDERLAND_DATABASE_URL`);
    continue;
  }
  await using stack = await startEphemeralStack(options);
  const { mediatorUrl, amqpUrl: broker } = stack.endpoints;
  const books = await stockShelves(stack.endpoints);
  await measureOrders(mediatorUrl, { count: 200, parallel: 16, books });
  for (const parallel of PARALLEL) {
    const count = parallel === 1 ? Math.min(200, orders) : orders;
    const raw = await measureRoundTrips(broker, { parallel, forMs: ROUND_TRIP_MS });
    print(row(name, parallel, await measureOrders(mediatorUrl, { count, parallel, books }), raw));
  }
}

function row(name: string, parallel: number, figures: OrderFigures, raw: RoundTripFigures): string {
  const pair = ([p50, p99]: readonly [number, number]): string =>
    `${p50.toFixed(1)} / ${p99.toFixed(1)}`;
  return [
    name.padEnd(9),
    String(parallel).padStart(8),
    figures.perSecond.toFixed(0).padStart(12),
    pair(figures.pivotMs).padStart(17),
    pair(figures.confirmedMs).padStart(21),
    raw.perSecond.toFixed(0).padStart(10),
    (figures.perSecond / raw.perSecond).toFixed(3).padStart(6),
  ].join(' ');
}
