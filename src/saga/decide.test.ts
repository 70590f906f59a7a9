// Goal: the engine moves a saga on exactly once per awaited answer. Method: the order saga's shape over plain data.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  commands,
  GOOD,
  replied,
  REST_MS,
  run,
  saga,
  timer,
  told,
  type State,
} from '../../test/support/sample-saga.ts';
import { decide, MAX_PAUSES_BEFORE_PIVOT, start } from './decide.ts';
import type { Direction, SagaEvent } from './state.ts';

const pause = (step: string, attempt: number): Extract<SagaEvent, { kind: 'postponed' }> => ({
  kind: 'postponed',
  step,
  direction: 'do',
  attempt,
  afterMs: 5,
  why: 'busy',
});

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

  test('after the receipt of a milestone the saga rests until the time of the next, and is closed by the last', () => {
    const { last, facts } = run(...GOOD, told('tell-good'));
    expect(last.state).toMatchObject({ status: 'good', phase: 'resting', pending: [] });
    expect(last.timer).toEqual({ afterMs: REST_MS });
    expect(facts.slice(-2)).toEqual(['good', 'tell-good-done']);
    const sent = decide(saga, last.state, timer());
    expect(commands(sent)).toEqual(['mail.tell-sent']);
    const closed = decide(saga, sent.state, told('tell-sent'));
    expect(closed.state).toMatchObject({ status: 'sent', phase: 'closed', pending: [] });
    expect(closed.timer).toBe('off');
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
    expect(last.state.status).toBe('undoing-hold');
    const ended = decide(saga, last.state, replied('hold', 'drop-done', 'undo'));
    expect(commands(ended)).toEqual(['mail.tell-bad']);
    expect(ended.facts.map((each) => each.event)).toEqual(['drop-done', 'bad']);
  });

  test('a step that never gets done before the pivot is given up and undone with all before it, in reverse', () => {
    const tries = Array.from({ length: MAX_PAUSES_BEFORE_PIVOT }, (_, n) => pause('pay', n + 1));
    const { last } = run(replied('hold'), ...tries);
    expect(commands(last)).toEqual(['bank.void']);
    expect(last.state.reason).toBe('pay-failed');
    expect(commands(decide(saga, last.state, replied('pay', 'void-done', 'undo')))).toEqual([
      'shelf.drop',
    ]);
  });

  test('beyond the pivot a step is retried for ever', () => {
    const { last } = run(
      replied('hold'),
      replied('pay'),
      ...Array.from({ length: 50 }, (_, n) => pause('note', n + 1)),
    );
    expect(last.state.phase).toBe('forward');
    expect(commands(decide(saga, last.state, timer()))).toEqual(['shelf.take', 'book.note']);
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

  test('copies of one request for a pause count as one', () => {
    const { last } = run(replied('hold'), pause('pay', 1));
    const copies = Array.from({ length: MAX_PAUSES_BEFORE_PIVOT }, () => pause('pay', 1));
    for (const each of copies) expect(decide(saga, last.state, each).state).toBe(last.state);
    expect(decide(saga, last.state, pause('pay', 2)).facts).toEqual([{ event: 'retried' }]);
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
      expect(kept).toEqual(world.state.status === 'sent' ? ['hold', 'note', 'pay', 'take'] : []);
    }),
  );
});

/** Participants that keep tombstones, answering the saga in any order. */
class World {
  state: State = start(saga, []).state;
  readonly effects = new Set<string>();
  readonly ends: string[] = [];
  #attempt = 0;
  /** The newest answer: everything arrives twice. */
  #answered: SagaEvent | undefined;

  /** Answers one pending command: 0–1 refuse, 2–3 postpone, 4 repeats an old reply, else does it. */
  play(pick: number, how: number): void {
    const pending = this.state.pending[pick % Math.max(1, this.state.pending.length)];
    if (pending === undefined) return;
    const { step: id, direction } = pending;
    const canRefuse = direction === 'do' && (id === 'hold' || id === 'pay');
    if (how <= 1 && canRefuse) return this.#apply(replied(id, `${id}-refused`));
    if (how === 2 || how === 3) return this.#apply({ ...pause(id, ++this.#attempt), direction });
    if (how === 4 && this.#answered !== undefined) return this.#apply(this.#answered);
    this.#carryOut(id, direction);
  }

  finish(): void {
    for (let i = 0; i < 20 && this.state.phase !== 'closed'; i++) {
      if (this.state.phase === 'resting') this.#apply(timer());
      else this.play(0, 9);
    }
  }

  #carryOut(id: string, direction: Direction): void {
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
        .filter((each) => each === 'sent' || each === 'bad'),
    );
  }
}
