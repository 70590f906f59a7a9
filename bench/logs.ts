/** Fills a log store and prints how long its readers take: `tsx bench/logs.ts [rows]`, a million by default. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import type { LogRecord } from '../src/contracts/logs.ts';
import { liveClock } from '../src/kernel/live.ts';
import { openLogReader, type LogSelection } from '../src/services/logging/reader.ts';
import { openLogStore } from '../src/services/logging/store.ts';

const BATCH = 200;
const BATCHES_AT_ONCE = 50;
const REPEATS = 5;
const SERVICES = ['mediator', 'inventory', 'payment', 'customer', 'notification'];
const START = Date.UTC(2026, 0, 1);

/** What each question may take at a million rows, process start included. */
const QUESTIONS: ReadonlyArray<{ name: string; boundMs: number; selection: LogSelection }> = [
  { name: 'logs -n 100', boundMs: 500, selection: { limit: 100 } },
  { name: 'logs payment -n 100', boundMs: 500, selection: { limit: 100, services: ['payment'] } },
  { name: 'logs --level error', boundMs: 500, selection: { limit: 100, minLevel: 'error' } },
  { name: 'logs --order', boundMs: 500, selection: { limit: 100, orderId: orderOf(77_777) } },
  {
    name: 'logs --since --grep, no hit in all rows',
    boundMs: 1_000,
    selection: { limit: 100, since: START, grep: /jabberwock \d+/ },
  },
  {
    name: 'logs a b --since --grep, no hit',
    boundMs: 1_000,
    selection: { limit: 100, since: START, grep: /jabberwock/, services: ['payment', 'mediator'] },
  },
];

function orderOf(order: number): string {
  return `0199${String(order).padStart(4, '0').slice(-4)}-0000-7000-8000-${String(order).padStart(12, '0')}`;
}

/** A record as an order makes them: mostly spans, some debug lines, now and then trouble. */
function recordOf(n: number): LogRecord {
  const service = SERVICES[n % SERVICES.length] ?? '';
  const order = Math.floor(n / 10);
  const at = START + n * 3 + (n % 7) * 5;
  const span = { startedAt: at, durationMs: 1.25, attempt: 1, redelivered: false };
  return {
    id: `${service}-abcdef-${n}`,
    at,
    level: n % 1_000 === 0 ? 'warn' : n % 3 === 0 ? 'debug' : 'info',
    service,
    instance: `${service}-abcdef`,
    message: `payment.charge → payment.charged after ${n} steps`,
    orderId: orderOf(order),
    traceId: String(order).padStart(32, '0'),
    span: { ...span, message: 'payment.charge', messageId: `${orderOf(order)}:charge:command` },
  };
}

async function fill(file: string, rows: number): Promise<void> {
  const store = openLogStore({ file, clock: liveClock });
  const started = liveClock.elapsed();
  for (let n = 0; n < rows; n += BATCH * BATCHES_AT_ONCE) {
    await Promise.all(
      Array.from({ length: BATCHES_AT_ONCE }, (_, batch) =>
        store.add(Array.from({ length: BATCH }, (__, i) => recordOf(n + batch * BATCH + i))),
      ),
    );
  }
  const seconds = (liveClock.elapsed() - started) / 1_000;
  await store[Symbol.asyncDispose]();
  const megabytes = statSync(file).size / 1_000_000;
  print(`filled ${rows} rows in ${seconds.toFixed(1)} s: ${Math.round(rows / seconds)} rows/s`);
  print(`${megabytes.toFixed(0)} MB on disk`);
}

/** Opening, asking and closing once. */
function timeOf(file: string, selection: LogSelection): number {
  const started = liveClock.elapsed();
  const reader = openLogReader(file, liveClock);
  reader?.read(selection);
  reader?.[Symbol.dispose]();
  return liveClock.elapsed() - started;
}

/** The price of a Node process that loads SQLite, paid by every `wonderland logs`. */
function startTime(): number {
  const started = liveClock.elapsed();
  execFileSync(process.execPath, ['-e', "new (require('better-sqlite3'))(':memory:')"]);
  return liveClock.elapsed() - started;
}

function median(measure: () => number): number {
  const samples = Array.from({ length: REPEATS }, measure).toSorted((a, b) => a - b);
  return samples[Math.floor(REPEATS / 2)] ?? 0;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const folder = mkdtempSync(path.join(tmpdir(), 'wonderland-bench-logs-'));
try {
  const file = path.join(folder, 'logs.db');
  await fill(file, Number(process.argv[2] ?? 1_000_000));
  const startMs = median(startTime);
  print(
    `process start with SQLite: ${startMs.toFixed(0)} ms (median of ${REPEATS}); below, it is included`,
  );
  for (const { name, boundMs, selection } of QUESTIONS) {
    const ms = startMs + median(() => timeOf(file, selection));
    print(`${name}: ${ms.toFixed(0)} ms (bound ${boundMs} ms)${ms > boundMs ? ' MISSED' : ''}`);
    if (ms > boundMs) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
