// Goal: waiting costs nothing once it is over, whether the news came or not. Method: a clock moved by hand.
import { expect, test } from 'vitest';

import { handClock } from '../../test/support/hand-clock.ts';
import { WaitingRoom } from './waiting-room.ts';

test('everybody who waits has the news, and who comes later waits for the next', async () => {
  const { clock, pass } = handClock();
  const room = new WaitingRoom<string>(clock);
  const early = [room.wait(100), room.wait(100)];
  room.tell('first');
  const late = room.wait(100);
  room.tell('second');
  expect(await Promise.all(early)).toEqual(['first', 'first']);
  expect(await late).toBe('second');
  await pass(1_000);
  expect(room.size).toBe(0);
});

test('who gives up is forgotten, however often, while the news do not come', async () => {
  const { clock, pass } = handClock();
  const room = new WaitingRoom<string>(clock);
  for (let round = 0; round < 100; round++) {
    const given = room.wait(10);
    expect(room.size).toBe(1);
    await pass(10);
    expect(await given).toBeUndefined();
    expect(room.size).toBe(0);
  }
});
