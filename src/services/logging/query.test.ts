import { describe, expect, it } from 'vitest';

import { queryOf } from './query.ts';

describe('the query of a filter', () => {
  it('lets everything through without a filter, newest first by the index of time', () => {
    expect(queryOf({})).toEqual({ where: '1', values: [], index: 'record_by_time' });
  });

  it('takes the narrowest index that the filter allows', () => {
    const one = { services: ['payment'] };
    expect(queryOf(one).index).toBe('record_of_service');
    expect(queryOf({ services: ['payment', 'customer'] }).index).toBe('record_by_time');
    expect(queryOf({ ...one, minLevel: 'info' }).index).toBe('record_of_service');
    expect(queryOf({ ...one, minLevel: 'warn' }).index).toBe('record_of_trouble');
    expect(queryOf({ ...one, minLevel: 'error', traceId: 'a' }).index).toBe('record_of_trace');
    expect(queryOf({ traceId: 'a', orderId: 'b' }).index).toBe('record_of_order');
  });

  it('never puts words of the user into the SQL', () => {
    const evil = `'; DROP TABLE record; --`;
    const { where, values } = queryOf({ services: [evil], orderId: evil, traceId: evil });
    expect(where).not.toContain('DROP');
    expect(values).toHaveLength(6);
  });

  it('takes one instance of several by its number, the first one too', () => {
    const process = '[0-9a-f]'.repeat(6);
    const both = queryOf({ services: ['mediator-2', 'mediator-1', 'payment'] });
    expect(both.values).toEqual([
      'mediator',
      `mediator-2-${process}`,
      'mediator',
      `mediator-${process}`,
      'payment',
    ]);
  });

  it('tries the pattern last, because it is the dearest', () => {
    expect(queryOf({ grep: /x/, since: 1, minLevel: 'error' }).where).toMatch(/matches\([^)]*\)$/);
  });
});
