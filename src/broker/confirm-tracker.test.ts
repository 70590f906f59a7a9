import { describe, expect, test } from 'vitest';

import { ConfirmTracker } from './confirm-tracker.ts';

function answers(outcomes: string, last = outcomes.length): string {
  const tracker = new ConfirmTracker();
  for (const outcome of outcomes) tracker.count(outcome === '+' ? 'taken' : 'refused');
  return tracker
    .answer(last)
    .map(({ outcome, tag, multiple }) => `${outcome} ${tag}${multiple ? ' multiple' : ''}`)
    .join(', ');
}

describe('confirms', () => {
  test.each([
    ['', ''],
    ['+', 'ack 1'],
    ['+++', 'ack 3 multiple'],
    ['-', 'nack 1 multiple'],
    ['+-', 'ack 1, nack 2 multiple'],
    ['++-+', 'ack 2 multiple, nack 3 multiple, ack 4'],
    ['--', 'nack 1 multiple, nack 2 multiple'],
  ])('of %j are %j', (outcomes, frames) => {
    expect(answers(outcomes)).toBe(frames);
  });

  test('answer what is on disk and keep the rest open', () => {
    const tracker = new ConfirmTracker();
    for (const outcome of ['taken', 'refused', 'taken'] as const) tracker.count(outcome);
    expect(tracker.answer(1)).toEqual([{ outcome: 'ack', tag: 1, multiple: false }]);
    expect(tracker.answer(1)).toEqual([]);
    expect(tracker.answer(3).map(({ outcome, tag }) => [outcome, tag])).toEqual([
      ['nack', 2],
      ['ack', 3],
    ]);
  });
});
