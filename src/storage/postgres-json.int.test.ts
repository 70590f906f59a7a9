// Goal: it is known before a statement what jsonb takes. Method: PostgreSQL itself is asked about each value.
import { Pool } from 'pg';
import { afterAll, expect, test } from 'vitest';

import { TEST_DATABASE_URL } from '../../test/support/database.ts';
import { isKeepable } from './postgres-json.ts';

const pool = new Pool({ connectionString: TEST_DATABASE_URL, max: 1 });
afterAll(() => pool.end());

const VALUES = [
  'plain',
  'a rabbit 🐇',
  'a NUL \u0000',
  '\u0001 and \u001f',
  'half a rabbit \ud83d',
  'the other half \udc07',
  'halves in the wrong order \udc07\ud83d',
  'text that says \\u0000',
  'text that says \\\\ud83d',
  'a backslash and a NUL \\\u0000',
  { 'a key with \u0000': 1 },
  { deep: [{ text: '\ud83d' }] },
  [null, 1.5, true],
];

test.each(VALUES.map((value) => [JSON.stringify(value), value]))('%s', async (json, value) => {
  const isKept = await pool.query('SELECT $1::jsonb', [json]).then(
    () => true,
    () => false,
  );
  expect(isKeepable(value)).toBe(isKept);
});
