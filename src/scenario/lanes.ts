/** Several works at a time, begun in order of the list. */

/** Works on all items, `lanes` of them at a time; the first that fails is thrown. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(lanes, items.length) }, lane));
}
