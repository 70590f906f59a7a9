import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { brokenPart, type Lie } from '../../test/support/broken-part.ts';
import { openTestPart } from '../../test/support/part.ts';
import { planFor } from '../../test/support/seen-run.ts';
import {
  openShop,
  SHOP_SERVICES,
  type ShopService,
  type TestShop,
} from '../../test/support/shop.ts';
import { orderRecorded, recordOrder } from '../contracts/customer.ts';
import { release, released } from '../contracts/inventory.ts';
import { charge, charged } from '../contracts/payment.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { liveClock, liveIds, liveRandom } from '../kernel/live.ts';
import { FaultControl } from '../messaging/control.ts';
import { reply } from '../messaging/participant.ts';
import type { StackControl } from '../stack/stack-control.ts';
import { parseScenarioOrThrow } from './language/parse.ts';
import { findScenarios, readScenario } from './library.ts';
import { openConnection } from './live/connection.ts';
import { openLiveStage } from './live/live-stage.ts';
import type { LineSink } from './live/recorder.ts';
import type { Site } from './live/site.ts';
import { plannedFaults, plannedOrders, planOf, type Plan } from './plan.ts';
import { explainRun } from './report/text.ts';
import { isPlayed, runScenarios, type ScenarioRun } from './run-scenarios.ts';

function addressOf({ url, settings }: TestShop) {
  return {
    mediatorUrl: url,
    amqpUrl: settings.amqpUrl ?? '',
    namespace: settings.namespace,
    dataDir: settings.dataDir ?? '',
  };
}

/** The shop runs in this process: nothing of it can be taken away. */
const untouchable = (): Promise<never> => Promise.reject(new Error('this stack has no processes'));
const control: StackControl = {
  crash: untouchable,
  hang: untouchable,
  restart: untouchable,
  heal: () => Promise.resolve(),
};

function siteOf(shop: TestShop): Site {
  return {
    kind: 'running',
    engine: 'external',
    mediators: 1,
    address: addressOf(shop),
    control,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const openSink = (): Promise<LineSink & AsyncDisposable> =>
  Promise.resolve({ write: () => undefined, [Symbol.asyncDispose]: () => Promise.resolve() });

const ports = { clock: liveClock, ids: liveIds, random: liveRandom };

async function playOn(shop: TestShop, ...plans: Plan[]): Promise<ScenarioRun[]> {
  const results = await runScenarios({
    ...ports,
    plans,
    failFast: false,
    parallel: 1,
    version: 'test',
    openSite: () => Promise.resolve(siteOf(shop)),
    openSink,
    signal: new AbortController().signal,
    onBegin: () => undefined,
    onEnd: () => undefined,
  });
  return results.filter(isPlayed);
}

async function packaged(...names: string[]): Promise<Plan[]> {
  const entries = await findScenarios(names, import.meta.dirname);
  const plans = entries.map(async (entry) =>
    parseScenarioOrThrow({ file: entry.file, text: await readScenario(entry) }).map(planOf),
  );
  return (await Promise.all(plans)).flat();
}

function scenario(body: string): Plan {
  return planFor(
    `scenario: x\nabout: A test.\ngiven: { books: { 42: { stock: 5, price: 39.00 } } }\n${body}`,
  );
}

const oneOrder = 'steps: [{ order: { id: o1, customer: alice, book: 42 } }]';

function brokenNames(run: ScenarioRun | undefined): string[] {
  return run?.play.checks.filter(({ isMet }) => !isMet).map(({ name }) => name) ?? [];
}

describe('on a shop in order', () => {
  let shop: TestShop;
  beforeAll(async () => {
    shop = await openShop();
  });
  afterAll(() => shop[Symbol.asyncDispose]());

  test('scenarios of messages pass, and every fault in them fires', async () => {
    const names = ['happy-path', 'payment-failure', 'stock-out', 'double-click'];
    const runs = await playOn(shop, ...(await packaged(...names)));
    expect(runs.length).toBe(4);
    expect(runs.flatMap(brokenNames)).toEqual([]);
    expect(runs.filter(({ play }) => play.verdict !== 'passed')).toEqual([]);
  });

  test('a run neither sees nor touches what others have', async () => {
    const [first, second] = await playOn(shop, ...(await packaged('happy-path', 'happy-path')));
    const orderId = (run: ScenarioRun | undefined) => run?.play.seen.orders[0]?.detail?.id;
    expect(first?.play.seen.books).toEqual(second?.play.seen.books);
    expect(orderId(first)).not.toBe(orderId(second));
  });

  test('a handler that fails is asked again, and the order is confirmed all the same', async () => {
    const [run] = await playOn(
      shop,
      scenario(`${oneOrder}
faults:
  - { at: inventory.reserve@handle, error: the disk is full }
  - { at: mediator.charged@handle, error: a hiccup }
expect: { order: { o1: confirmed }, stock: { 42: 4 } }`),
    );
    expect(run?.play).toMatchObject({ verdict: 'passed', faults: [{ fired: 1 }, { fired: 1 }] });
  });

  test('a fault that never fired makes the run inconclusive and tells what did pass', async () => {
    const [run] = await playOn(
      shop,
      scenario(`${oneOrder}\nfaults: [{ at: payment.refund@handle, error: never }]`),
    );
    expect(run?.play).toMatchObject({
      verdict: 'inconclusive',
      faults: [{ fired: 0, passed: { 'payment.charge': 1 } }],
    });
  });

  test('a part that cannot be taken away makes the run inconclusive, and says why', async () => {
    const [run] = await playOn(
      shop,
      scenario(`${oneOrder}\nfaults: [{ at: payment.charge@committed, crash: payment }]`),
    );
    expect(run?.play).toMatchObject({
      verdict: 'inconclusive',
      faults: [{ fired: 0, problem: 'this stack has no processes' }],
    });
  });

  test('an expectation that does not hold fails the run', async () => {
    const [run] = await playOn(
      shop,
      scenario(`${oneOrder}\nexpect: { order: { o1: rejected }, paid: { o1: 39.00 } }`),
    );
    expect(run?.play.verdict).toBe('failed');
    expect(brokenNames(run)).toEqual(['order.o1']);
  });

  test('an interrupted run leaves no fault armed', async () => {
    const interrupt = new AbortController();
    await using connection = await openConnection({
      ...ports,
      address: addressOf(shop),
      signal: interrupt.signal,
    });
    const plan = scenario(`${oneOrder}\nfaults: [{ at: payment.charge@handle, error: never }]`);
    const stage = await openLiveStage({
      connection,
      control,
      dataDir: shop.settings.dataDir ?? '',
      plan,
      place: { stack: 'running', engine: 'external', version: 'test' },
      openSink,
    });
    await stage.arm(plan.faults);
    interrupt.abort();
    await stage[Symbol.asyncDispose]();
    await using faults = await FaultControl.open({
      ...connection,
      services: ['payment'],
      withinMs: 2_000,
    });
    const { reports } = await faults.clear({ run: stage.run });
    expect(reports.flatMap((each) => each.reports)).toEqual([]);
  });
});

test('once healing has begun nothing more is taken away, and what waits for it goes on', async () => {
  await using closing = new ClosingStack();
  const shop = closing.use(await openShop());
  const { signal } = new AbortController();
  const address = addressOf(shop);
  const connection = closing.use(await openConnection({ ...ports, address, signal }));
  const plan = scenario(`steps:
  - order: { id: o1, customer: alice, book: 42 }
  - fault: { hang: customer }
faults: [{ at: payment.charge@handle, crash: payment, times: all }]`);
  const deeds: string[] = [];
  const stage = closing.use(
    await openLiveStage({
      connection,
      plan,
      openSink,
      dataDir: shop.settings.dataDir ?? '',
      place: { stack: 'running', engine: 'external', version: 'test' },
      control: {
        ...control,
        crash: async ({ part }) => void deeds.push(`crash ${part}`),
        hang: async ({ part }) => void deeds.push(`hang ${part}`),
        // While parts come back, what they had in hand passes the place of the fault once more.
        heal: async () => {
          for (const order of plannedOrders(plan)) await stage.place(order, true);
          deeds.push('healed');
        },
      },
    }),
  );
  await stage.arm(plannedFaults(plan));
  await stage.heal();
  expect(deeds).toEqual(['hang customer', 'healed']);
  await stage.waitForEnd(10_000);
  const seen = await stage.observe('quick', []);
  expect(seen.orders.map(({ detail }) => detail?.status)).toEqual(['confirmed']);
});

/** Planted bugs: a service that says it did what it did not. */
const RELEASES_NOTHING: Lie = ({ type, correlationId: orderId = '' }) =>
  type === release.name ? reply(released, { orderId }) : undefined;
const FORGETS: Lie = ({ type, correlationId: orderId = '' }) =>
  type === recordOrder.name ? reply(orderRecorded, { orderId }) : undefined;
const CAPTURES_NOTHING: Lie = ({ type, body, correlationId: orderId = '' }) => {
  if (type !== charge.name) return undefined;
  const { amountCents } = charge.body.parse(body);
  return reply(charged, { orderId, paymentId: 'p', amountCents, currency: 'EUR' });
};

describe('a planted bug is found:', () => {
  async function playBroken(service: ShopService, lie: Lie, plan: Plan): Promise<ScenarioRun> {
    await using closing = new ClosingStack();
    const shop = closing.use(await openShop([service]));
    const part = closing.use(await openTestPart({ service, settings: shop.settings }));
    closing.use(await SHOP_SERVICES[service](brokenPart(part, lie)));
    const [run] = await playOn(shop, plan);
    if (run === undefined) throw new Error('nothing was played');
    return run;
  }

  test('a release that answers but gives nothing back, and the report leads to it', async () => {
    const plan = scenario(`${oneOrder}
faults: [{ at: payment.charge@handle, decline: lost_card }]
expect: { order: { o1: rejected } }`);
    const run = await playBroken('inventory', RELEASES_NOTHING, plan);
    expect(run.play.verdict).toBe('failed');
    // It also acks what it never handled, so that the message is missing.
    expect(brokenNames(run)).toEqual(['no-hold-left', 'messages-kept']);
    const report = explainRun(run, { again: 'again', canTrace: true, paint: (_, text) => text });
    expect(report).toContain('✖ invariant no-hold-left');
    expect(report).toContain('found     1 held for o1');
    expect(report).toMatch(/= declined \(lost_card\): releasing\n.*inventory\.release /);
  });

  test('a charge that answers but captures nothing', async () => {
    const run = await playBroken('payment', CAPTURES_NOTHING, scenario(oneOrder));
    expect(run.play.verdict).toBe('failed');
    expect(brokenNames(run)).toEqual(['paid-once', 'money-balance']);
  });

  test('a history that forgets what it was told', async () => {
    const run = await playBroken('customer', FORGETS, scenario(oneOrder));
    expect(brokenNames(run)).toEqual(['history-once']);
  });
});
