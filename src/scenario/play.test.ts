import { expect, test } from 'vitest';

import { BAD_ORDER, GOOD_ORDER, PLAN, planFor, SEEN } from '../../test/support/seen-run.ts';
import type { Observations } from './judge/observations.ts';
import type { FaultOutcome } from './judge/verdict.ts';
import type { Plan } from './plan.ts';
import type { PlannedFault } from './plan/faults.ts';
import { play } from './play.ts';
import type { Line } from './recording/lines.ts';
import type { Depth, Stage } from './stage.ts';

/** A stage that shows prepared views, one after the other, on a clock that only waiting moves. */
class ScriptedStage implements Stage {
  readonly calls: string[] = [];
  readonly recorded: Line[] = [];
  readonly depths: Depth[] = [];
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
  heal = (): Promise<void> => this.#call('heal');
  send = ({ to }: { to: string }): Promise<void> => this.#call(`send to ${to}`);
  outcomes = async (): Promise<readonly FaultOutcome[]> => this.#outcomes;
  record = (line: Line): void => void this.recorded.push(line);
  async pause(forMs: number): Promise<void> {
    this.#now += forMs;
  }
  async observe(depth: Depth): Promise<Observations> {
    this.depths.push(depth);
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
  return planFor(
    `scenario: x\nabout: x\ngiven: { books: { 42: { stock: 10, price: 39.00 } } }\nsteps:\n${steps}`,
  );
}

test('faults are armed before the first order and gone at the end', async () => {
  const stage = new ScriptedStage([SEEN]);
  expect(await play(PLAN, stage, signal)).toMatchObject({ verdict: 'passed' });
  expect(stage.calls).toEqual(['arm', 'place good', 'place bad', 'wait for end', 'heal']);
});

test('faults are gone as well when the stage breaks', async () => {
  const stage = new ScriptedStage([]);
  await expect(play(PLAN, stage, signal)).rejects.toThrow('does not answer');
  expect(stage.calls.at(-1)).toBe('heal');
});

test('faults are gone as well when the run is interrupted', async () => {
  const stage = new ScriptedStage([SEEN]);
  const stopped = AbortSignal.abort();
  await expect(play(PLAN, stage, stopped)).rejects.toThrow(/abort/i);
  expect(stage.calls).toEqual(['arm', 'heal']);
});

test('the end is judged as soon as everything holds', async () => {
  const result = await play(PLAN, new ScriptedStage([stillOpen, noMail, SEEN]), signal);
  expect(result).toMatchObject({ verdict: 'passed', durationMs: 50 });
});

test('what does not hold when all orders have ended is given a few seconds, not the whole settling time', async () => {
  const result = await play(PLAN, new ScriptedStage([noMail]), signal);
  expect(result).toMatchObject({ verdict: 'failed', durationMs: 3_000 });
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
  const [step, ...always] = result.checks;
  expect(step).toMatchObject({ expected: '9 sent within 200 ms', found: '0 sent' });
  // What always holds must hold all the same.
  expect(always.map(({ kind }) => kind)).toContain('invariant');
  expect(always.map(({ kind }) => kind)).not.toContain('expectation');
  expect(stage.calls).not.toContain('place bad');
});

test('a fault that never fired makes a run that passed every check inconclusive', async () => {
  const fault: PlannedFault = {
    id: 'f1',
    at: 'payment.refund@handle',
    place: {
      kind: 'point',
      target: { service: 'payment', message: 'payment.refund', point: 'handle' },
    },
    does: { kind: 'message', action: { verb: 'error', message: 'x' } },
    order: undefined,
    attempt: undefined,
    nth: 1,
    times: 1,
    rate: undefined,
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

test('what is slow to read is looked at once, when the rest holds', async () => {
  const stage = new ScriptedStage([stillOpen, noMail, SEEN, SEEN]);
  await play(PLAN, stage, signal);
  expect(stage.depths).toEqual(['quick', 'quick', 'quick', 'full']);
});

test('what is slow to read and does not hold yet is looked at again, for a few seconds', async () => {
  const { sagas = [] } = SEEN;
  const late = { ...SEEN, sagas: sagas.map((saga) => ({ ...saga, logged: 0 })) };
  const caughtUp = await play(PLAN, new ScriptedStage([SEEN, late, late, SEEN]), signal);
  expect(caughtUp.verdict).toBe('passed');
  const result = await play(PLAN, new ScriptedStage([late]), signal);
  expect(result).toMatchObject({ verdict: 'failed', durationMs: 3_000 });
});

test('faults, healing and raw messages happen where the steps say so', async () => {
  const plan = planWith(`  - fault: { hang: payment, for: 1s }
  - order: { id: good, book: 42 }
  - send: { to: payment, text: nonsense }
  - heal: all`);
  const stage = new ScriptedStage([SEEN]);
  await play(plan, stage, signal);
  expect(stage.calls.slice(0, 5)).toEqual(['arm', 'arm', 'place good', 'send to payment', 'heal']);
});

test('a stack that is not steady is left alone: no fault is armed, nothing is ordered', async () => {
  const plan = { ...PLAN, steady: [{ kind: 'services' as const }] };
  const stage = new ScriptedStage([{ ...SEEN, troubles: ['payment: no answer'] }]);
  await expect(play(plan, stage, signal)).rejects.toMatchObject({
    code: 'not-steady',
    hint: expect.stringContaining('services: payment: no answer'),
  });
  expect(stage.calls).toEqual(['heal']);
});

test('the recording has the steps, what was seen, every check and the verdict at the end', async () => {
  const stage = new ScriptedStage([SEEN]);
  const { checks } = await play(PLAN, stage, signal);
  const kinds = stage.recorded.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'step')).toHaveLength(2);
  expect(kinds.filter((kind) => kind === 'check')).toHaveLength(checks.length);
  expect(kinds.filter((kind) => kind === 'seen')).toHaveLength(1);
  expect(stage.recorded.at(-1)).toMatchObject({ kind: 'end', verdict: 'passed' });
});
