/**
 * More orders than the shop can take: what is accepted, what is refused, what the mediator's memory does.
 *
 *   npx tsx bench/overload.ts                    a minute at three times the capacity that was measured before
 *   npx tsx bench/overload.ts --seconds 20 --times 5 --limit 500
 *
 * Ends with 1 when an accepted order did not end in time, or a timeout of ours turned one into a rejection.
 */
import { readFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { env } from 'node:process';
import { parseArgs } from 'node:util';

import { Client } from 'pg';

import { readSettings } from '../src/config/settings.ts';
import { liveClock as clock, liveIds as ids } from '../src/kernel/live.ts';
import { startEphemeralStack } from '../src/stack/ephemeral-stack.ts';
import { measureOrders } from './order-load.ts';
import { percentile } from './percentile.ts';
import { stockShelves } from './shelves.ts';

const TICK_MS = 20;
const REPORT_MS = 5_000;
const SETTLED_WITHIN_MS = 60_000;
const CUSTOMERS = 64;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    times: { type: 'string', default: '3' },
    limit: { type: 'string' },
  },
});
// Parts inherit it.
if (values.limit !== undefined) env['WONDERLAND_MAX_ORDERS'] = values.limit;

const agent = new Agent({ keepAlive: true, maxSockets: 4_000 });
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

let mediatorPid = 0;
await using stack = await startEphemeralStack({
  clock,
  ids,
  registryDir: readSettings().stateDir,
  engine: 'embedded',
  onStatus: ({ parts }) => (mediatorPid = parts.find((each) => each.name === 'mediator')?.pid ?? 0),
});
const { mediatorUrl, databaseUrl } = stack.endpoints;
const books = await stockShelves(stack.endpoints);
await measureOrders(mediatorUrl, { count: 1_000, parallel: CUSTOMERS, books });
const { perSecond } = await measureOrders(mediatorUrl, {
  count: 3_000,
  parallel: CUSTOMERS,
  books,
});
const offered = Math.round(perSecond * Number(values.times));
print(`capacity ${perSecond.toFixed(0)}/s with ${CUSTOMERS} customers; offering ${offered}/s`);

const answers = new Map<string, number>();
const acceptedMs: number[] = [];
const refusedMs: number[] = [];
const began = clock.elapsed();
const endAt = began + Number(values.seconds) * 1_000;
const open = new Set<Promise<void>>();
let sent = 0;
let reported = 0;
print('    s  offered  accepted  refused  mediator RSS MB');
while (clock.elapsed() < endAt) {
  const due = Math.floor(((clock.elapsed() - began) / 1_000) * offered);
  for (; sent < due; sent++) {
    const order = place(books[sent % books.length] ?? 1).finally(() => open.delete(order));
    open.add(order);
  }
  if (clock.elapsed() - began >= reported) {
    await report();
    reported += REPORT_MS;
  }
  await clock.sleep(TICK_MS);
}
await Promise.all(open);
await report();
const settledMs = await untilSettled();
print(
  `accepted: p50 ${percentile(acceptedMs, 50).toFixed(0)} ms, p99 ${percentile(acceptedMs, 99).toFixed(0)} ms`,
);
print(
  `refused:  p50 ${percentile(refusedMs, 50).toFixed(0)} ms, p99 ${percentile(refusedMs, 99).toFixed(0)} ms`,
);
print(`answers:  ${JSON.stringify(Object.fromEntries(answers))}`);
print(
  settledMs === undefined
    ? 'NOT ALL SETTLED'
    : `all settled ${settledMs.toFixed(0)} ms after the last`,
);
const late = await timeouts();
print(`rejected because of a timeout: ${late.rejected}; asked more than once: ${late.asked}`);
if (settledMs === undefined || late.rejected > 0) process.exitCode = 1;
agent.destroy();

function place(bookId: number): Promise<void> {
  const started = clock.elapsed();
  const body = JSON.stringify({
    customerId: 'alice',
    lines: [{ bookId, quantity: 1 }],
    payment: { kind: 'visa', token: 'tok_visa' },
  });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'idempotency-key': ids.uuid(),
  };
  return new Promise((resolve) => {
    const done = (status: string): void => {
      answers.set(status, (answers.get(status) ?? 0) + 1);
      const times = status === '503' ? refusedMs : acceptedMs;
      times.push(clock.elapsed() - started);
      resolve();
    };
    const options = { agent, method: 'POST', headers };
    const call = request(`${mediatorUrl}/orders`, options, (response) => {
      response.resume();
      response.on('end', () => done(String(response.statusCode)));
    });
    call.on('error', (error) => done(error.message));
    call.end(body);
  });
}

async function report(): Promise<void> {
  const status = await readFile(`/proc/${mediatorPid}/status`, 'utf8').catch(() => '');
  const rssKb = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0);
  const refused = answers.get('503') ?? 0;
  const cells = [
    ((clock.elapsed() - began) / 1_000).toFixed(0).padStart(5),
    String(sent).padStart(8),
    String((answers.get('201') ?? 0) + (answers.get('202') ?? 0)).padStart(9),
    String(refused).padStart(8),
    (rssKb / 1_024).toFixed(0).padStart(16),
  ];
  print(cells.join(' '));
}

/** Milliseconds until no order is on its way any more. */
async function untilSettled(): Promise<number | undefined> {
  const started = clock.elapsed();
  const unsettled = `SELECT count(*)::int AS open FROM mediator.saga WHERE progress->>'phase' IN ('forward', 'undoing', 'telling')`;
  return withDatabase(async (client) => {
    while (clock.elapsed() - started < SETTLED_WITHIN_MS) {
      const { rows } = await client.query<{ open: number }>(unsettled);
      if (rows[0]?.open === 0) return clock.elapsed() - started;
      await clock.sleep(TICK_MS);
    }
    return undefined;
  });
}

async function timeouts(): Promise<{ rejected: number; asked: number }> {
  return withDatabase(async (client) => {
    const { rows } = await client.query<{ rejected: number; asked: number }>(
      `SELECT
         (SELECT count(*)::int FROM mediator.saga_log WHERE kind = 'timed-out'
            OR (kind = 'rejected' AND payload->>'reason' ~ 'timeout|failed')) AS rejected,
         (SELECT count(*)::int FROM mediator.saga WHERE attempt > 1) AS asked`,
    );
    return rows[0] ?? { rejected: 0, asked: 0 };
  });
}

async function withDatabase<T>(use: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}
