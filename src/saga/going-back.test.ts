// Goal: time and customers turn a saga back only where that is right. Method: one event at a time, by hand.
import { describe, expect, test } from 'vitest';

import {
  BUDGET_MS,
  commands,
  GOOD,
  replied,
  run,
  saga,
  timer,
  told,
  type State,
} from '../../test/support/sample-saga.ts';
import { decide, MIN_ATTEMPTS_BEFORE_GIVING_UP, start, STUCK_AT_ATTEMPT } from './decide.ts';

describe('time', () => {
  test('an unanswered command is sent once more, and nothing else changes', () => {
    const { last } = run(replied('hold'));
    const again = decide(saga, last.state, timer({ ageMs: BUDGET_MS }));
    expect(commands(again)).toEqual(['bank.pay']);
    expect(again.state).toBe(last.state);
    expect(again.facts).toEqual([]);
  });

  test('over budget before the pivot the saga goes back, the command that may have arrived included', () => {
    const { last } = run(replied('hold'));
    const late = timer({ ageMs: BUDGET_MS + 1, attempt: MIN_ATTEMPTS_BEFORE_GIVING_UP });
    const given = decide(saga, last.state, late);
    expect(commands(given)).toEqual(['bank.void']);
    expect(given.facts).toEqual([{ event: 'timed-out', reason: 'pay-timeout' }]);
    const captured = decide(saga, given.state, replied('pay'));
    expect(captured.state).toBe(given.state);
    expect(commands(captured)).toEqual(['bank.void']);
  });

  test('a saga that slept while nobody was there to send is asked a few times before it is given up', () => {
    const { last } = run(replied('hold'));
    const early = timer({ ageMs: 3_600_000, attempt: MIN_ATTEMPTS_BEFORE_GIVING_UP - 1 });
    expect(decide(saga, last.state, early).state).toBe(last.state);
  });

  test('beyond the pivot, and on the way back, there is no giving up, but somebody hears of it once', () => {
    const age = { ageMs: BUDGET_MS * 100 };
    const settling = run(replied('hold'), replied('pay')).last.state;
    const releasing = run(replied('hold'), replied('pay', 'pay-refused')).last.state;
    for (const state of [settling, releasing]) {
      const stuck = decide(saga, state, timer({ ...age, attempt: STUCK_AT_ATTEMPT }));
      expect(stuck.state).toBe(state);
      expect(stuck.facts.map((each) => each.event)).toEqual(['stuck']);
      const later = decide(saga, state, timer({ ...age, attempt: STUCK_AT_ATTEMPT + 1 }));
      expect(later.facts).toEqual([]);
      expect(commands(later)).toHaveLength(state.pending.length);
    }
  });
});

describe('cancelling', () => {
  const wayBack = (state: State): string[] => {
    const sent: string[] = [];
    for (let now = decide(saga, state, { kind: 'cancel' }); now.state.phase !== 'closed';) {
      const [command] = now.commands;
      if (command === undefined) throw new Error('it stands still');
      sent.push(command.exchange.command.name);
      now = decide(saga, now.state, {
        ...replied(command.step, command.exchange.reply.name, command.direction),
      });
    }
    return sent;
  };

  test('before the pivot everything that may have happened is undone', () => {
    expect(wayBack(run().last.state)).toEqual(['shelf.drop', 'mail.tell-off']);
    expect(wayBack(run(replied('hold')).last.state)).toEqual([
      'bank.void',
      'shelf.drop',
      'mail.tell-off',
    ]);
  });

  test('beyond the pivot the stage is completed first, then all is reversed', () => {
    const settling = run(replied('hold'), replied('pay')).last.state;
    const noted = decide(saga, settling, { kind: 'cancel' });
    expect(noted.commands).toEqual([]);
    expect(noted.state).toMatchObject({ phase: 'forward', status: 'three' });
    const taken = decide(saga, noted.state, replied('take'));
    const both = decide(saga, taken.state, replied('note'));
    expect(commands(both)).toEqual(['book.strike']);
    const struck = decide(saga, both.state, replied('note', 'strike-done', 'undo'));
    expect(commands(struck)).toEqual(['bank.repay']);
    expect(struck.state.status).toBe('repaying');
  });

  test('a confirmed order is taken back while it is told or rests, not once it was sent', () => {
    const all = ['book.strike', 'bank.repay', 'shelf.drop', 'mail.tell-off'];
    expect(wayBack(run(...GOOD).last.state)).toEqual(all);
    const resting = run(...GOOD, told('tell-good')).last.state;
    expect(wayBack(resting)).toEqual(all);
    const sent = decide(saga, resting, timer()).state;
    expect(decide(saga, sent, { kind: 'cancel' }).state).toBe(sent);
  });

  test('is remembered once, and a saga on its way back stays on it', () => {
    const cancelled = decide(saga, run().last.state, { kind: 'cancel' }).state;
    expect(decide(saga, cancelled, { kind: 'cancel' }).state).toBe(cancelled);
    const failing = run(replied('hold'), replied('pay', 'pay-refused')).last.state;
    expect(decide(saga, failing, { kind: 'cancel' }).state).toBe(failing);
  });

  test('cannot be had from a saga without such an ending', () => {
    const stern = { ...saga, endings: { ...saga.endings, cancelled: [] } };
    const { state } = start(stern, []);
    expect(decide(stern, state, { kind: 'cancel' }).state).toBe(state);
  });
});
