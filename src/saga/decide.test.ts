// Goal: the engine moves a saga on exactly once per awaited answer. Method: the order saga's shape over plain data.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';

import { defineMessage, type Contract } from '../contracts/message.ts';
import {
  decide,
  MAX_ATTEMPTS_BEFORE_PIVOT,
  start,
  type Decision,
  type SagaEvent,
  type SagaState,
} from './decide.ts';
import { defineSaga, exchange, refusal, step } from './definition.ts';

const message = (
  name: string,
  kind: 'command' | 'reply' = 'reply',
): Contract<string, { reason?: string | undefined }> =>
  defineMessage<string, { reason?: string | undefined }>({
    name,
    kind,
    version: 1,
    owner: 'shared',
    about: 'test',
    body: z.object({ reason: z.string().optional() }),
  });

const ask = (id: string, to: string, undo?: string) =>
  step<
    string[],
    Contract<string, { reason?: string | undefined }>,
    Contract<string, { reason?: string | undefined }>
  >(id, {
    to,
    command: message(`${to}.${id}`, 'command'),
    body: () => ({}),
    reply: message(`${id}-done`),
    event: `${id}-done`,
    learn: (data) => [...data, id],
    refused: refusal(message(`${id}-refused`), `${id}-refused`, ({ reason }) => reason ?? 'none'),
    ...(undo !== undefined && {
      undo: exchange<
        string[],
        Contract<string, { reason?: string | undefined }>,
        Contract<string, { reason?: string | undefined }>
      >({
        command: message(`${to}.${undo}`, 'command'),
        body: () => ({}),
        reply: message(`${undo}-done`),
        event: `${undo}-done`,
      }),
    }),
  });

const saga = defineSaga<string[]>({
  name: 'test',
  version: 1,
  stages: [
    {
      id: 'one',
      status: 'one',
      undoStatus: 'undoing-one',
      steps: [ask('hold', 'shelf', 'drop')],
      isPivot: false,
    },
    {
      id: 'two',
      status: 'two',
      undoStatus: 'undoing-two',
      steps: [ask('pay', 'bank', 'void')],
      isPivot: true,
    },
    {
      id: 'three',
      status: 'three',
      undoStatus: 'undoing-three',
      steps: [ask('take', 'shelf'), ask('note', 'book')],
      isPivot: false,
    },
  ],
  success: { status: 'good', event: 'good', notify: ask('tell-good', 'mail') },
  failure: { status: 'bad', event: 'bad', notify: ask('tell-bad', 'mail') },
});

type State = SagaState<string[]>;

const replied = (
  stepId: string,
  type = `${stepId}-done`,
  direction: 'do' | 'undo' | 'tell' = 'do',
): SagaEvent => ({
  kind: 'replied',
  step: stepId,
  direction,
  type,
  body: { reason: 'because' },
});

/** Feeds events one after another; answers the last decision and every fact on the way. */
function run(...events: readonly SagaEvent[]): { last: Decision<string[]>; facts: string[] } {
  let last = start(saga, []);
  const facts = last.facts.map((each) => each.event);
  for (const event of events) {
    last = decide(saga, last.state, event);
    facts.push(...last.facts.map((each) => each.event));
  }
  return { last, facts };
}

const commands = (decision: Decision<string[]>): string[] =>
  decision.commands.map((each) => each.exchange.command.name);

describe('the way forward', () => {
  test('a new saga sends the first stage and is logged as accepted', () => {
    const { last, facts } = run();
    expect(commands(last)).toEqual(['shelf.hold']);
    expect(facts).toEqual(['accepted']);
    expect(last.state).toMatchObject({ status: 'one', phase: 'forward', reached: ['hold'] });
  });

  test('a reply sends the next stage and is remembered', () => {
    const { last } = run(replied('hold'));
    expect(commands(last)).toEqual(['bank.pay']);
    expect(last.state.data).toEqual(['hold']);
  });

  test('parallel steps go out together, and the stage ends when both are answered, in any order', () => {
    const { last } = run(replied('hold'), replied('pay'));
    expect(commands(last)).toEqual(['shelf.take', 'book.note']);
    const first = decide(saga, last.state, replied('note'));
    expect(first.commands).toEqual([]);
    expect(commands(decide(saga, first.state, replied('take')))).toEqual(['mail.tell-good']);
  });

  test('the saga is closed by the receipt of its last notification', () => {
    const { last, facts } = run(
      replied('hold'),
      replied('pay'),
      replied('take'),
      replied('note'),
      replied('tell-good', 'tell-good-done', 'tell'),
    );
    expect(last.state).toMatchObject({ status: 'good', phase: 'closed', pending: [] });
    expect(facts).toEqual([
      'accepted',
      'hold-done',
      'pay-done',
      'take-done',
      'note-done',
      'good',
      'tell-good-done',
    ]);
  });
});

describe('the way back', () => {
  test('a refusal of the first step ends the saga with nothing to undo', () => {
    const { last, facts } = run(replied('hold', 'hold-refused'));
    expect(commands(last)).toEqual(['mail.tell-bad']);
    expect(facts).toEqual(['accepted', 'hold-refused', 'bad']);
    expect(last.state).toMatchObject({ status: 'bad', reason: 'because' });
  });

  test('a refusal of the pivot undoes what was reached before it, not the refused step', () => {
    const { last } = run(replied('hold'), replied('pay', 'pay-refused'));
    expect(commands(last)).toEqual(['shelf.drop']);
    expect(last.state.status).toBe('undoing-one');
    const ended = decide(saga, last.state, replied('hold', 'drop-done', 'undo'));
    expect(commands(ended)).toEqual(['mail.tell-bad']);
    expect(ended.facts.map((each) => each.event)).toEqual(['drop-done', 'bad']);
  });

  test('a step that never gets done before the pivot is given up and undone with all before it, in reverse', () => {
    const postponed: SagaEvent = { kind: 'postponed', step: 'pay', direction: 'do', afterMs: 5 };
    const tries = Array.from({ length: MAX_ATTEMPTS_BEFORE_PIVOT }, () => postponed);
    const { last } = run(replied('hold'), ...tries);
    expect(commands(last)).toEqual(['bank.void']);
    expect(last.state.reason).toBe('pay-failed');
    expect(commands(decide(saga, last.state, replied('pay', 'void-done', 'undo')))).toEqual([
      'shelf.drop',
    ]);
  });

  test('beyond the pivot a step is retried for ever', () => {
    const postponed: SagaEvent = { kind: 'postponed', step: 'note', direction: 'do', afterMs: 5 };
    const { last } = run(
      replied('hold'),
      replied('pay'),
      ...Array.from({ length: 50 }, () => postponed),
    );
    expect(last.state.phase).toBe('forward');
    expect(last.timer).toEqual({ afterMs: 5 });
    expect(
      decide(saga, last.state, { kind: 'timer' }).commands.map((each) => each.attempt),
    ).toEqual([1, 51]);
  });
});

describe('everything arrives twice', () => {
  test('a repeated reply changes nothing and answers what is pending once more', () => {
    const { last } = run(replied('hold'));
    const again = decide(saga, last.state, replied('hold'));
    expect(again.state).toBe(last.state);
    expect(again.facts).toEqual([]);
    expect(commands(again)).toEqual(['bank.pay']);
  });

  test('an answer of another step than the awaited one is a defect that says so', () => {
    const { last } = run();
    expect(() => decide(saga, last.state, replied('hold', 'pay-done'))).toThrow(/does not answer/);
  });
});

test('whatever is answered, refused, postponed or repeated: the saga ends once, and only a good end keeps effects', () => {
  const choices = fc.array(fc.record({ pick: fc.nat(), how: fc.integer({ min: 0, max: 9 }) }), {
    minLength: 40,
    maxLength: 60,
  });
  fc.assert(
    fc.property(choices, (draws) => {
      const world = new World();
      for (const { pick, how } of draws) world.play(pick, how);
      world.finish();
      expect(world.ends).toHaveLength(1);
      expect(world.state.phase).toBe('closed');
      const kept = [...world.effects].toSorted();
      expect(kept).toEqual(world.state.status === 'good' ? ['hold', 'note', 'pay', 'take'] : []);
    }),
  );
});

/** Participants that keep tombstones, answering the saga in any order. */
class World {
  state: State = start(saga, []).state;
  readonly effects = new Set<string>();
  readonly ends: string[] = [];
  /** The newest answer: everything arrives twice. */
  #answered: SagaEvent | undefined;

  /** Answers one pending command: 0–1 refuse, 2–3 postpone, 4 repeats an old reply, else does it. */
  play(pick: number, how: number): void {
    const pending = this.state.pending[pick % Math.max(1, this.state.pending.length)];
    if (pending === undefined) return;
    const { step: id, direction } = pending;
    const canRefuse = direction === 'do' && (id === 'hold' || id === 'pay');
    if (how <= 1 && canRefuse) return this.#apply(replied(id, `${id}-refused`));
    if (how === 2 || how === 3)
      return this.#apply({ kind: 'postponed', step: id, direction, afterMs: 1 });
    if (how === 4 && this.#answered !== undefined) return this.#apply(this.#answered);
    this.#carryOut(id, direction);
  }

  finish(): void {
    for (let i = 0; i < 20 && this.state.pending.length > 0; i++) this.play(0, 9);
  }

  #carryOut(id: string, direction: 'do' | 'undo' | 'tell'): void {
    if (direction === 'undo') this.effects.delete(id);
    if (direction === 'do') this.effects.add(id);
    const undo = { hold: 'drop', pay: 'void' }[id];
    this.#apply(replied(id, direction === 'undo' ? `${undo}-done` : `${id}-done`, direction));
  }

  #apply(event: SagaEvent): void {
    if (event.kind === 'replied') this.#answered = event;
    const isStale =
      event.kind === 'replied' &&
      !this.state.pending.some(
        (each) => each.step === event.step && each.direction === event.direction,
      );
    const decision = decide(saga, this.state, event);
    if (isStale) expect(decision.state).toBe(this.state);
    this.state = decision.state;
    this.ends.push(
      ...decision.facts
        .map((each) => each.event)
        .filter((each) => each === 'good' || each === 'bad'),
    );
  }
}
