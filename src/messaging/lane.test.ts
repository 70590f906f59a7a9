import { describe, expect, it } from 'vitest';

import { Lane } from './lane.ts';

/** What entered, in order; each is let out by name. */
function openLane(): {
  arrive: (name: string, isAlone?: boolean) => void;
  leave: (name: string) => Promise<void>;
  inside: () => Promise<readonly string[]>;
} {
  const lane = new Lane();
  const inside = new Map<string, () => void>();
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    arrive: (name, isAlone = false) =>
      void lane.enter(isAlone).then((leave) => inside.set(name, leave)),
    leave: async (name) => {
      await settled();
      inside.get(name)?.();
      inside.delete(name);
      await settled();
    },
    inside: async () => {
      await settled();
      return [...inside.keys()];
    },
  };
}

describe('the lane', () => {
  it('lets any number in together', async () => {
    const lane = openLane();
    for (const name of ['a', 'b', 'c']) lane.arrive(name);
    expect(await lane.inside()).toEqual(['a', 'b', 'c']);
  });

  it('keeps a suspect out until nobody is in hand, and everybody else out until it is done', async () => {
    const lane = openLane();
    lane.arrive('a');
    lane.arrive('b');
    lane.arrive('suspect', true);
    lane.arrive('c');
    expect(await lane.inside()).toEqual(['a', 'b']);
    await lane.leave('a');
    expect(await lane.inside()).toEqual(['b']);
    await lane.leave('b');
    expect(await lane.inside()).toEqual(['suspect']);
    lane.arrive('d');
    await lane.leave('suspect');
    expect(await lane.inside()).toEqual(['c', 'd']);
  });

  it('takes suspects one after another, in the order they came', async () => {
    const lane = openLane();
    for (const name of ['one', 'two', 'three']) lane.arrive(name, true);
    for (const name of ['one', 'two', 'three']) {
      expect(await lane.inside()).toEqual([name]);
      await lane.leave(name);
    }
    lane.arrive('after');
    expect(await lane.inside()).toEqual(['after']);
  });

  it('counts a leave once, however often it is said', async () => {
    const lane = new Lane();
    const leave = await lane.enter(false);
    await lane.enter(false);
    leave();
    leave();
    let isAlone = false;
    void lane.enter(true).then(() => (isAlone = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAlone).toBe(false);
  });
});
