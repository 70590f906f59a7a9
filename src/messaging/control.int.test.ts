// Goal: whatever is said on the control channel is true in every part, also in those that were not there yet.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { openSurroundings, openTestPart } from '../../test/support/part.ts';
import type { Settings } from '../config/settings.ts';
import type { Fault } from '../contracts/faults.ts';
import { commit, committed } from '../contracts/inventory.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { liveClock, liveIds } from '../kernel/live.ts';
import { outgoing } from './bus.ts';
import { FaultControl, type FiredFault } from './control.ts';
import { startHandler } from './handler.ts';
import type { Part } from './part.ts';
import { answerTo, reply } from './participant.ts';

const RUN = 'control';
const LEASE_MS = 60_000;

describe('the control channel', () => {
  let closing: ClosingStack;
  let settings: Settings;
  let visitor: Part;
  let control: FaultControl;
  let handled: { readonly by: string; readonly id: string; readonly at: number }[];
  const fired: FiredFault[] = [];

  beforeEach(async () => {
    closing = new ClosingStack();
    settings = closing.use(await openSurroundings()).settings;
    visitor = closing.use(await openTestPart({ service: 'visitor', settings }));
    control = closing.use(
      await FaultControl.open({ ...visitor, services: ['inventory'], withinMs: 5_000 }),
    );
    handled = [];
    fired.length = 0;
    control.onFired((each) => fired.push(each));
  });
  afterEach(() => closing[Symbol.asyncDispose]());

  /** A part that answers every `inventory.commit`. */
  async function startInventory(): Promise<{ part: Part; close: () => Promise<void> }> {
    const own = closing.use(new ClosingStack());
    const part = own.use(await openTestPart({ service: 'inventory', settings }));
    own.use(
      await startHandler(part, {
        queue: part.names.queueOf('inventory'),
        prefetch: 64,
        handle: async (message) => {
          handled.push({ by: part.instance, id: message.id, at: liveClock.elapsed() });
          const { correlationId: orderId = '' } = message;
          return [answerTo(message, reply(committed, { orderId }))].filter(
            (each) => each !== undefined,
          );
        },
        onError: () => undefined,
      }),
    );
    return { part, close: () => own[Symbol.asyncDispose]() };
  }

  const commitOf = (id: string) => {
    const orderId = liveIds.uuid();
    const to = { exchange: visitor.names.commands, routingKey: 'inventory' };
    return outgoing(commit, { orderId }, { ...to, id, correlationId: orderId, run: RUN });
  };
  const send = (id: string) => visitor.bus.publish(commitOf(id));
  const ids = () => handled.map(({ id }) => id);
  const fault = (options: Partial<Fault> = {}): Fault => ({
    id: 'f',
    run: RUN,
    service: 'inventory',
    message: commit.name,
    point: 'handle',
    action: { verb: 'delay', minMs: 0, maxMs: 0 },
    nth: 1,
    times: 1,
    ...options,
  });

  it('says who does not hear', async () => {
    const hasty = closing.use(
      await FaultControl.open({ ...visitor, services: ['visitor', 'payment'], withinMs: 100 }),
    );
    expect(await hasty.arm([fault()], LEASE_MS)).toEqual(['payment']);
    expect(await hasty.arm([fault()], LEASE_MS, ['visitor'])).toEqual([]);
    expect((await hasty.list()).missing).toEqual(['payment']);
    expect((await hasty.clear()).missing).toEqual(['payment']);
    expect(await hasty.cut({ run: RUN, service: 'payment', forMs: 1 })).toEqual(['payment']);
    expect(await hasty.release('nothing')).toBe(false);
  });

  it('a part that starts later is told of the faults of its service, and how much of them is spent', async () => {
    await startInventory();
    expect(await control.arm([fault({ times: 2 })], LEASE_MS)).toEqual([]);
    await send('first');
    await expect.poll(ids).toEqual(['first']);
    await expect.poll(() => fired).toHaveLength(1);
    const late = await startInventory();
    const seen = async () =>
      (await control.list()).parts.find(({ instance }) => instance === late.part.instance)?.faults;
    await expect.poll(seen).toMatchObject([{ fault: { id: 'f', times: 2 }, fired: 1 }]);
  });

  it('hits are counted over all processes, and stay spent when a part starts again', async () => {
    const first = await startInventory();
    await control.arm([fault({ times: 1 })], LEASE_MS);
    await send('a');
    await expect
      .poll(() => fired)
      .toMatchObject([{ faultId: 'f', messageId: 'a', point: 'handle' }]);
    await expect.poll(ids).toEqual(['a']);
    await first.close();
    await startInventory();
    // Renewed by whoever armed it, too.
    await control.arm([fault({ times: 1 })], LEASE_MS);
    await send('b');
    await expect.poll(ids).toEqual(['a', 'b']);
    expect(fired).toHaveLength(1);
    const { reports } = await control.clear({ run: RUN });
    expect(reports.flatMap((each) => each.reports)).toEqual([
      { faultId: 'f', service: 'inventory', fired: 0 },
    ]);
  });

  it('a held message waits until it is released', async () => {
    await startInventory();
    const action = { verb: 'hold', limitMs: LEASE_MS } as const;
    await control.arm([fault({ action })], LEASE_MS);
    await send('held');
    await expect.poll(() => fired).toHaveLength(1);
    await send('free');
    await expect.poll(ids).toEqual(['free']);
    expect(await control.release(fired[0]?.hold ?? '')).toBe(true);
    await expect.poll(ids).toEqual(['free', 'held']);
  });

  it('a held message goes on when its time is over, and when its fault is cleared', async () => {
    await startInventory();
    const short = fault({ id: 'short', action: { verb: 'hold', limitMs: 200 } });
    await control.arm([short], LEASE_MS);
    await send('a');
    await expect.poll(ids).toEqual(['a']);
    await control.arm([fault({ action: { verb: 'hold', limitMs: LEASE_MS } })], LEASE_MS);
    await send('b');
    await expect.poll(() => fired).toHaveLength(2);
    await control.clear({ faultIds: ['f'] });
    await expect.poll(ids).toEqual(['a', 'b']);
  });

  it('a clock is wrong for one service until its run is cleared', async () => {
    const { part } = await startInventory();
    const skew = { run: RUN, service: 'inventory', byMs: 3_600_000, forMs: LEASE_MS };
    expect(await control.skew(skew)).toEqual([]);
    expect(part.clock.now() - liveClock.now()).toBeGreaterThan(3_500_000);
    expect(visitor.clock.now() - liveClock.now()).toBeLessThan(1_000);
    const inventory = (await control.list()).parts.find(({ service }) => service === 'inventory');
    expect(inventory?.skewMs).toBe(3_600_000);
    await control.clear({ run: 'another' });
    expect(part.clock.now() - liveClock.now()).toBeGreaterThan(3_500_000);
    await control.clear({ run: RUN });
    expect(part.clock.now() - liveClock.now()).toBeLessThan(1_000);
  });

  it('a part that is cut off hears and says nothing, knows nothing of it, and misses nothing in the end', async () => {
    const { part } = await startInventory();
    await send('before');
    await expect.poll(ids).toEqual(['before']);
    const began = liveClock.elapsed();
    expect(await control.cut({ run: RUN, service: 'inventory', forMs: 1_500 })).toEqual([]);
    // It is cut off once its answer is out: by the time of these round trips.
    for (let n = 0; n < 20; n++) expect(await send(`soon ${n}`)).toEqual({ outcome: 'confirmed' });
    const said = part.bus.publish(commitOf('own'));
    for (let n = 0; n < 20; n++) expect(await send(`${n}`)).toEqual({ outcome: 'confirmed' });
    expect(part.bus.isConnected()).toBe(true);
    expect((await said).outcome).toBe('unknown');
    await expect.poll(() => new Set(ids()).size).toBe(41);
    const late = handled.filter(({ id }) => /^\d/.test(id));
    expect(Math.min(...late.map(({ at }) => at)) - began).toBeGreaterThan(1_450);
    expect(ids()).not.toContain('own');
    expect(await part.bus.publish(commitOf('own'))).toEqual({ outcome: 'confirmed' });
    await expect.poll(ids).toContain('own');
  });

  it('a message that is held where a part is to be cut off goes on, cut off', async () => {
    await startInventory();
    const action = { verb: 'hold', limitMs: LEASE_MS } as const;
    await control.arm([fault({ action })], LEASE_MS);
    await send('held');
    await expect.poll(() => fired).toHaveLength(1);
    await control.cut({ run: RUN, service: 'inventory', forMs: 500 });
    await expect.poll(ids).toContain('held');
  });

  it('what a part had in hand when it was cut off goes to another one as soon as the broker notices', async () => {
    settings = { ...settings, amqpUrl: `${settings.amqpUrl ?? ''}?heartbeat=1` };
    const { part: lonely } = await startInventory();
    const action = { verb: 'hold', limitMs: LEASE_MS } as const;
    await control.arm([fault({ point: 'ack', action })], LEASE_MS);
    await send('in hand');
    await expect.poll(() => fired).toHaveLength(1);
    const began = liveClock.elapsed();
    await control.cut({ run: RUN, service: 'inventory', forMs: 8_000 });
    const { part: other } = await startInventory();
    await expect.poll(() => handled.some(({ by }) => by === other.instance)).toBe(true);
    expect(liveClock.elapsed() - began).toBeLessThan(8_000);
    await expect.poll(() => lonely.bus.isConnected()).toBe(false);
    await expect.poll(() => lonely.bus.isConnected()).toBe(true);
    expect(liveClock.elapsed() - began).toBeGreaterThan(7_900);
  });
});
