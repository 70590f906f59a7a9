import { expect, test } from 'vitest';

import { BAD_ORDER, GOOD_ORDER, PLAN, SEEN } from '../../test/support/seen-run.ts';
import type { Observations } from './judge/observations.ts';
import type { FaultOutcome } from './judge/verdict.ts';
import { parseScenarioOrThrow } from './language/parse.ts';
import { planOf, type Plan } from './plan.ts';
import { play } from './play.ts';
import type { Stage } from './stage.ts';

/** A stage that shows prepared views, one after the other, on a clock that only waiting moves. */
class ScriptedStage implements Stage {
  readonly calls: string[] = [];
  readonly #views: readonly Observations[];
  readonly #outcomes: readonly FaultOutcome[];
  #seen = 0;
  #now = 0;

  constructor(views: readonly Observations[], outcomes: readonly FaultOutcome[] = []) {
    this.#views = views;
    this.#outcomes = outcomes;
  }

  elapsed = (): number => this.#now;
  arm = (): Promise<void> => this.#call('arm');
  place = async ({ name }: { name: string }): Promise<void> => this.#call(`place ${name}`);
  cancel = async (order: string): Promise<void> => this.#call(`cancel ${order}`);
  waitForEnd = (): Promise<void> => this.#call('wait for end');
  async disarm(): Promise<readonly FaultOutcome[]> {
    await this.#call('disarm');
    return this.#outcomes;
  }
  async observe(): Promise<Observations> {
    const view = this.#views[Math.min(this.#seen++, this.#views.length - 1)];
    if (view === undefined) throw new Error('the inventory does not answer');
    return { ...view, atMs: this.#now };
  }
  async waitForNews(withinMs: number): Promise<void> {
    this.#now += withinMs;
  }
  async [Symbol.asyncDispose](): Promise<void> {}

  async #call(name: string): Promise<void> {
    this.calls.push(name);
  }
}

const signal = new AbortController().signal;
const noMail: Observations = { ...SEEN, mails: [] };
const stillOpen: Observations = {
  ...noMail,
  orders: [GOOD_ORDER, BAD_ORDER].map(({ name, detail }) => ({
    name,
    detail: { ...detail, open: true },
  })),
};

function planWith(steps: string): Plan {
  return planOf(
    parseScenarioOrThrow({
      file: 'x.yaml',
      text: `scenario: x\nabout: x\ngiven: { books: { 42: { stock: 10, price: 39.00 } } }\nsteps:\n${steps}`,
    }),
  );
}

test('faults are armed before the first order and gone at the end', async () => {
  const stage = new ScriptedStage([SEEN]);
  expect(await play(PLAN, stage, signal)).toMatchObject({ verdict: 'passed' });
  expect(stage.calls).toEqual(['arm', 'place good', 'place bad', 'wait for end', 'disarm']);
});

test('faults are gone as well when the stage breaks', async () => {
  const stage = new ScriptedStage([]);
  await expect(play(PLAN, stage, signal)).rejects.toThrow('does not answer');
  expect(stage.calls.at(-1)).toBe('disarm');
});

test('faults are gone as well when the run is interrupted', async () => {
  const stage = new ScriptedStage([SEEN]);
  const stopped = AbortSignal.abort();
  await expect(play(PLAN, stage, stopped)).rejects.toThrow(/abort/i);
  expect(stage.calls).toEqual(['arm', 'disarm']);
});

test('the end is judged as soon as everything holds', async () => {
  const result = await play(PLAN, new ScriptedStage([stillOpen, noMail, SEEN]), signal);
  expect(result).toMatchObject({ verdict: 'passed', durationMs: 50 });
});

test('what does not hold when all orders have ended is given a second, not the whole settling time', async () => {
  const result = await play(PLAN, new ScriptedStage([noMail]), signal);
  expect(result).toMatchObject({ verdict: 'failed', durationMs: 1_000 });
});

test('orders that never end are waited for as long as settling may take', async () => {
  const result = await play(PLAN, new ScriptedStage([stillOpen]), signal);
  expect(result).toMatchObject({ verdict: 'failed', durationMs: 30_000 });
});

test('until goes on as soon as it holds', async () => {
  const plan = planWith(`  - order: { id: good, book: 42, quantity: 2 }
  - until: { mails: { total: 2 } }
    within: 1s
  - order: { id: bad, book: 42 }`);
  const stage = new ScriptedStage([noMail, noMail, SEEN]);
  const result = await play(plan, stage, signal);
  expect(result.verdict).toBe('passed');
  expect(result.checks[0]).toMatchObject({ name: 'step 2: mails.total', isMet: true });
  expect(stage.calls).toContain('place bad');
});

test('until that does not hold in time fails the run there: later steps build on it', async () => {
  const plan = planWith(`  - order: { id: good, book: 42 }
  - until: { mails: { total: 9 } }
    within: 200ms
  - order: { id: bad, book: 42 }`);
  const stage = new ScriptedStage([noMail]);
  const result = await play(plan, stage, signal);
  expect(result).toMatchObject({ verdict: 'failed', durationMs: 200 });
  expect(result.checks).toMatchObject([{ expected: '9 sent within 200 ms', found: '0 sent' }]);
  expect(stage.calls).not.toContain('place bad');
});

test('a fault that never fired makes a run that passed every check inconclusive', async () => {
  const fault = {
    id: 'f1',
    at: 'payment.refund@handle',
    target: { service: 'payment', message: 'payment.refund', point: 'handle' as const },
    action: { verb: 'error' as const, message: 'x' },
    nth: 1,
    times: 1,
  };
  const outcomes = [{ fault, fired: 0, passed: { 'payment.charge': 1 } }];
  expect((await play(PLAN, new ScriptedStage([SEEN], outcomes), signal)).verdict).toBe(
    'inconclusive',
  );
});

test('a cancel happens between the steps around it', async () => {
  const plan = planWith('  - order: { id: good, book: 42 }\n  - cancel: good\n  - expect: {}');
  const stage = new ScriptedStage([SEEN]);
  await play(plan, stage, signal);
  expect(stage.calls.slice(0, 3)).toEqual(['arm', 'place good', 'cancel good']);
});
