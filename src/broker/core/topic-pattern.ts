/** Topic patterns: words between dots, `*` stands for one word, `#` for any number of them. */

/** The empty key is zero words, not one empty word; `a.` is two. */
export function wordsOf(key: string): readonly string[] {
  return key === '' ? [] : key.split('.');
}

/** Does the key match? Works on words so that patterns are split once, at bind time. */
export function matchesTopic(pattern: readonly string[], key: readonly string[]): boolean {
  // The classic wildcard walk: remember the last `#` and, on a mismatch, let it swallow one word more.
  let p = 0;
  let k = 0;
  let hashAt = -1;
  let hashKey = 0;
  while (k < key.length) {
    if (pattern[p] === '#') {
      hashAt = p++;
      hashKey = k;
    } else if (p < pattern.length && (pattern[p] === '*' || pattern[p] === key[k])) {
      p++;
      k++;
    } else if (hashAt >= 0) {
      p = hashAt + 1;
      k = ++hashKey;
    } else {
      return false;
    }
  }
  while (pattern[p] === '#') p++;
  return p === pattern.length;
}
