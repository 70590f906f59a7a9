import { describe, expect, it } from 'vitest';

import { CHUNK_ROWS, rowsToDrop } from './retention.ts';

const limits = { maxRows: 10_000, maxBytes: 1_000_000 };

describe('the retention of the log', () => {
  it('drops nothing within both limits', () => {
    expect(rowsToDrop({ rows: 10_000, bytes: 1_000_000 }, limits)).toBe(0);
  });

  it('drops one chunk when either limit is passed', () => {
    expect(rowsToDrop({ rows: 10_001, bytes: 0 }, limits)).toBe(CHUNK_ROWS);
    expect(rowsToDrop({ rows: 9_000, bytes: 1_000_001 }, limits)).toBe(CHUNK_ROWS);
  });

  it('never drops more than there is', () => {
    expect(rowsToDrop({ rows: 3, bytes: 2_000_000 }, limits)).toBe(3);
  });
});
