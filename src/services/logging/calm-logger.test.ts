import { describe, expect, it } from 'vitest';

import type { Clock } from '../../kernel/clock.ts';
import { liveClock } from '../../kernel/live.ts';
import type { LogFields } from '../../kernel/logger.ts';
import { CalmLogger } from './calm-logger.ts';

describe('the calm logger', () => {
  it('lets one record through in a while, and tells how many it held back', () => {
    const said: Array<[string, LogFields | undefined]> = [];
    let now = 0;
    const clock: Clock = { ...liveClock, elapsed: () => now };
    const inner = {
      log: (_: string, message: string, fields?: LogFields) => void said.push([message, fields]),
    };
    const calm = new CalmLogger(inner, clock, 1_000);
    for (const [at, message] of [
      [0, 'a'],
      [10, 'b'],
      [999, 'c'],
      [1_000, 'd'],
      [2_500, 'e'],
    ] as const) {
      now = at;
      calm.log('warn', message);
    }
    expect(said).toEqual([
      ['a', {}],
      ['d', { heldBack: 2 }],
      ['e', {}],
    ]);
  });
});
