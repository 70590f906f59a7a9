// Goal: the shop is never fuller than it may be, and never shut for longer than it must. Method: a clock moved by hand.
import { expect, test } from 'vitest';

import { handClock } from '../../test/support/hand-clock.ts';
import { Admission } from './admission.ts';

const LIMIT = 3;

/** A door before a database whose count the test decides. */
const openDoor = async (busy = 0) => {
  const { clock, pass } = handClock();
  const database = { busy, error: undefined as Error | undefined, isBrokerBlocked: false };
  const admission = new Admission({
    clock,
    limit: LIMIT,
    isBlocked: () => database.isBrokerBlocked,
    count: () =>
      database.error === undefined
        ? Promise.resolve(database.busy)
        : Promise.reject(database.error),
  });
  await admission.start();
  const enterTaken = (): void => admission.enter().take();
  return { admission, database, pass, enterTaken };
};

const full = expect.objectContaining({ code: 'overloaded' });

test('as many orders as allowed come in; a settled one makes room for the next', async () => {
  const { admission, enterTaken } = await openDoor();
  for (let order = 0; order < LIMIT; order++) enterTaken();
  expect(() => admission.enter()).toThrow(full);
  admission.settled();
  enterTaken();
  expect(() => admission.check()).toThrow(full);
});

test('orders that are not durable yet count; one that was refused gives its place back, once', async () => {
  const { admission } = await openDoor();
  const places = Array.from({ length: LIMIT }, () => admission.enter());
  expect(() => admission.check()).toThrow(full);
  places[0]?.leave();
  places[0]?.leave();
  places[1]?.take();
  places[1]?.leave();
  expect(admission.busy).toBe(LIMIT - 1);
});

test('orders of before a restart, and of other mediators, are counted', async () => {
  const { admission, database, pass } = await openDoor(LIMIT);
  expect(() => admission.check()).toThrow(full);
  database.busy = 1;
  await pass(1_000);
  expect(admission.busy).toBe(1);
});

test('a new count replaces what was added and taken away before it', async () => {
  const { admission, database, pass, enterTaken } = await openDoor();
  enterTaken();
  enterTaken();
  database.busy = 2;
  await pass(1_000);
  expect(admission.busy).toBe(2);
  admission.settled();
  expect(admission.busy).toBe(1);
});

test('while nothing can be written orders are refused with the reason; then the shop opens by itself', async () => {
  const { admission, database, pass } = await openDoor();
  database.error = Object.assign(new Error('no'), { code: '25006' });
  admission.shut('the database is read-only');
  const shut = expect.objectContaining({
    code: 'database-unreachable',
    message: expect.stringContaining('read-only'),
  });
  expect(() => admission.enter()).toThrow(shut);
  await pass(1_000);
  expect(() => admission.enter()).toThrow(shut);
  database.error = undefined;
  await pass(1_000);
  admission.enter();
});

test('a count that fails shuts the shop too', async () => {
  const { admission, database, pass } = await openDoor();
  database.error = Object.assign(new Error('no'), { code: 'ECONNREFUSED' });
  await pass(1_000);
  expect(() => admission.check()).toThrow(
    expect.objectContaining({ code: 'database-unreachable' }),
  );
});

test('while the broker takes no messages orders are told to come again', async () => {
  const { admission, database } = await openDoor();
  database.isBrokerBlocked = true;
  expect(() => admission.check()).toThrow(expect.objectContaining({ code: 'broker-unreachable' }));
  database.isBrokerBlocked = false;
  admission.check();
});

test('a mediator that closes takes no more', async () => {
  const { admission } = await openDoor();
  admission.close();
  expect(() => admission.check()).toThrow(full);
});
