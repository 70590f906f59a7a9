/** What JSON can say and PostgreSQL's jsonb cannot keep: a NUL, and half of a character. */

/** As JSON.stringify writes them; a backslash that is text is written twice. */
const UNKEPT = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/** One value that is not keepable fails the whole statement, with all that it would have written. */
export function isKeepable(value: unknown): boolean {
  return !UNKEPT.test(JSON.stringify(value) ?? '');
}
