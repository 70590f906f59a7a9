import { describe, expect, it } from 'vitest';

import { refuseFailures } from './act.ts';

const failed = [{ id: '0123456789abcdef', problem: 'no connection' }];
const outcome = { dryRun: false, done: [], failed, left: 0 };

describe('a dead letter that could not be sent again', () => {
  it('is named, and shown by the hint', () => {
    expect(() => refuseFailures(outcome, 'could not be sent again')).toThrow(
      expect.objectContaining({
        code: 'part-failed',
        message: '1 of 1 dead letter could not be sent again: 0123456789abcdef: no connection.',
        hint: 'See: wonderland dlq show 0123456789abcdef',
      }),
    );
  });

  it('leaves others untried: the hint says how many, and to try again', () => {
    expect(() => refuseFailures({ ...outcome, left: 41 }, 'could not be sent again')).toThrow(
      expect.objectContaining({
        hint: expect.stringMatching(
          /^41 dead letters more: not tried; give the same command again/,
        ),
        details: expect.objectContaining({ left: 41 }),
      }),
    );
  });

  it('is no trouble when there is none', () => {
    expect(() => refuseFailures({ ...outcome, failed: [] }, 'x')).not.toThrow();
  });
});
