/** "Did you mean": the known word that is closest to a misspelt one. */

/** Edits (insert, delete, replace, swap neighbours) that turn one word into the other. */
function distance(from: string, to: string): number {
  let older: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const replace = (previous[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      let cost = Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, replace);
      const isSwap = from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1];
      if (i > 1 && j > 1 && isSwap) cost = Math.min(cost, (older[j - 2] ?? 0) + 1);
      row.push(cost);
    }
    older = previous;
    previous = row;
  }
  return previous[to.length] ?? 0;
}

/** The closest of the known words, or undefined when none is close enough to be meant. */
export function closest(word: string, known: Iterable<string>): string | undefined {
  const wanted = word.slice(0, 100).toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3));
  let best: { readonly word: string; readonly cost: number } | undefined;
  for (const candidate of known) {
    const isPart = wanted.length >= 3 && candidate.toLowerCase().startsWith(wanted);
    const cost = isPart ? 1 : distance(wanted, candidate.toLowerCase());
    if (cost <= limit && cost < (best?.cost ?? Infinity)) best = { word: candidate, cost };
  }
  return best?.word;
}

/** A hint for a misspelt word: the closest known one, else a list when it is short, else nothing. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const match = closest(word, known);
  if (match !== undefined) return `Did you mean "${match}"?`;
  return known.length > 0 && known.length <= 16 ? `Known: ${known.join(', ')}.` : undefined;
}
