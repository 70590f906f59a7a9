import { describe, expect, it } from 'vitest';

import { LINE_LIMIT_BYTES, LineSplitter, parseRequest } from './protocol.ts';

describe('the protocol of a supervisor', () => {
  it('reads lines that arrive in pieces, and several in one piece', () => {
    const splitter = new LineSplitter();
    expect(splitter.push('{"do":"sta')).toEqual([]);
    expect(splitter.push('tus"}\n{"do":"watch"}\n{"d')).toEqual([
      '{"do":"status"}',
      '{"do":"watch"}',
    ]);
  });

  it('refuses a line without an end', () => {
    const splitter = new LineSplitter();
    expect(() => splitter.push('x'.repeat(LINE_LIMIT_BYTES + 1))).toThrow(RangeError);
  });

  it.each([
    '',
    'null',
    '[]',
    '42',
    '{',
    '{"do":"explode"}',
    '{"do":"kill"}',
    '{"do":"kill","part":7}',
    '{"do":"kill","part":"payment","forMs":0}',
    '{"do":"kill","part":"payment","forMs":0.5}',
    '{"do":"kill","part":"payment","forMs":600001}',
    '{"do":"kill","part":"payment","forMs":"5s"}',
    '{"do":"stop","part":"payment","forMs":5}',
  ])('takes %j for no request', (line) => {
    expect(parseRequest(line)).toBeUndefined();
  });

  it.each(['kill', 'pause', 'restart'])('reads how long a part shall be down by %s', (verb) => {
    const request = { do: verb, part: 'payment', forMs: 600_000 };
    expect(parseRequest(JSON.stringify(request))).toEqual(request);
  });

  it('reads a verb with its part', () => {
    expect(parseRequest('{"do":"pause","part":"payment","more":1}')).toEqual({
      do: 'pause',
      part: 'payment',
    });
  });
});
