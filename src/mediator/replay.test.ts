// Goal: a log that was tampered with does not pass. Method: logs of sagas moved on by hand, as a database gives them back.
import { describe, expect, test } from 'vitest';

import { RecordedSaga } from '../../test/model/recorded.ts';
import { RESERVED } from '../../test/model/world.ts';
import { refused, released, reserved } from '../contracts/inventory.ts';
import { declined } from '../contracts/payment.ts';
import type { Direction, SagaEvent } from '../saga/state.ts';
import { replay, replayDifference } from './replay.ts';
import type { LogEntry, SagaRow } from './saga-row.ts';

const replied = (
  contract: { readonly name: string },
  step: string,
  { direction = 'do', ...body }: { readonly direction?: Direction; readonly reason?: string } = {},
): SagaEvent => ({
  kind: 'replied',
  step,
  direction,
  type: contract.name,
  body: { orderId: RESERVED.orderId, ...body },
});

const YES: SagaEvent = {
  kind: 'replied',
  step: 'reserve',
  direction: 'do',
  type: reserved.name,
  body: { ...RESERVED, currency: 'EUR' },
};
const NO = replied(refused, 'reserve', { reason: 'out-of-stock' });
const busy = (attempt: number): SagaEvent => ({
  kind: 'postponed',
  step: 'charge',
  direction: 'do',
  attempt,
  afterMs: 500,
  why: 'busy',
});
const DECLINED = replied(declined, 'charge', { reason: 'lost_card' });
const RELEASED = replied(released, 'reserve', { direction: 'undo' });

interface Recorded {
  readonly log: LogEntry[];
  readonly row: SagaRow;
}

const recorded = (...events: readonly SagaEvent[]): Recorded => {
  const saga = new RecordedSaga();
  for (const event of events) saga.tell(event);
  return { log: saga.stored(), row: saga.row };
};

describe('a log leads to the same decisions again', () => {
  test.each([
    ['of an order that has only begun', []],
    ['of one without copies', [NO]],
    [
      'of one that waited, and whose card was declined',
      [YES, busy(1), busy(2), DECLINED, RELEASED],
    ],
    ['of one that was cancelled', [YES, { kind: 'cancel' }]],
    ['of one that took too long', [{ kind: 'timer', attempt: 3, ageMs: 40_000 }, RELEASED]],
    ['of one that is stuck', [YES, DECLINED, { kind: 'timer', attempt: 7, ageMs: 90_000 }]],
    ['of one that heard everything twice', [YES, YES, DECLINED, DECLINED, RELEASED, RELEASED]],
  ] satisfies [string, SagaEvent[]][])('%s', (_what, events) => {
    const { log, row } = recorded(...events);
    expect(replayDifference(log, row)).toBeUndefined();
  });
});

describe('a log is found out', () => {
  const { log, row } = recorded(YES, busy(1), DECLINED, RELEASED);
  const changed = (seq: number, change: Partial<LogEntry>): LogEntry[] =>
    log.map((each) => (each.seq === seq ? { ...each, ...change } : each));
  const payload = (seq: number, change: Partial<LogEntry['payload']>): LogEntry[] => {
    const old = log[seq - 1]?.payload ?? { status: '', issued: [] };
    return changed(seq, { payload: { ...old, ...change } });
  };

  test('with a fact that does not follow', () => {
    expect(replay(changed(4, { kind: 'charged' }), row).difference).toEqual({
      seq: 4,
      what: 'fact',
      logged: ['charged', 'lost_card'],
      decided: ['declined', 'lost_card'],
    });
  });

  test('with another status, reason or command', () => {
    expect(replay(payload(2, { status: 'settling' }), row).difference).toMatchObject({
      seq: 2,
      what: 'status',
    });
    expect(replay(payload(4, { reason: 'other' }), row).difference).toMatchObject({
      seq: 4,
      what: 'fact',
    });
    expect(replay(payload(2, { issued: [] }), row).difference).toMatchObject({
      seq: 2,
      what: 'issued',
      decided: ['payment.charge'],
    });
  });

  test('with a row missing, at its place, at its end, or in the middle of a transition', () => {
    const without = (seq: number): LogEntry[] => log.filter((each) => each.seq !== seq);
    expect(replay(without(2), row).difference).toMatchObject({ seq: 2, what: 'gap', logged: 3 });
    expect(replayDifference(without(log.length), row)).toMatchObject({ what: 'fact' });
    expect(replayDifference(log.slice(0, 4), row)).toMatchObject({ seq: 5, what: 'gap' });
    expect(replay([], row).difference).toMatchObject({ seq: 1, what: 'gap' });
  });

  test('with a cause that makes no sense, or none', () => {
    expect(replay(payload(3, { cause: YES }), row).difference).toMatchObject({
      seq: 3,
      what: 'decision',
    });
    const none = log.map(({ payload: { cause: _cause, ...rest }, ...each }) => ({
      ...each,
      payload: rest,
    }));
    expect(replay(none, row).difference).toMatchObject({ seq: 1, what: 'cause' });
  });

  test('with a row that is not where the log leads', () => {
    expect(replayDifference(log, { ...row, status: 'confirmed' })).toMatchObject({ what: 'row' });
  });

  test('of a definition that is not known', () => {
    expect(replay(log, { ...row, definition_hash: 'x' }).difference).toMatchObject({
      what: 'definition',
    });
  });
});
