import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import {
  GOOD,
  hostParts,
  partIn,
  scriptPart,
  untilStatus,
  type HostedParts,
} from '../../test/support/hosted-parts.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { liveClock as clock } from '../kernel/live.ts';
import { TcpGate } from './gates/tcp-gate.ts';
import { controlParts } from './part-control.ts';
import { isFrozen } from './process-identity.ts';
import { controlRunningStack, healStack } from './running-control.ts';
import type { StackControl } from './stack-control.ts';
import { doorTo } from './supervisor/door.ts';

let closing = new ClosingStack();
afterEach(async () => {
  await closing[Symbol.asyncDispose]();
  closing = new ClosingStack();
});

const AGES_MS = 500_000;
const NAMES = ['broker', 'postgres', 'inventory', 'payment', 'payment-2'];

const settingsOf = ({ stateDir }: HostedParts) => ({ stateDir, stack: 'test' });

async function hosted(names: readonly string[] = NAMES): Promise<HostedParts> {
  return hostParts(
    closing,
    names.map((name) => scriptPart(name, GOOD)),
  );
}

/** The same stack by both ways to it. */
const WAYS: readonly (readonly [string, (stack: HostedParts) => Promise<StackControl>])[] = [
  [
    'over its socket',
    async (stack) => (await controlRunningStack(settingsOf(stack), clock)).control,
  ],
  ['in this process', async ({ supervisor }) => controlParts({ door: doorTo(supervisor), clock })],
];

describe.each(WAYS)('control of a stack %s', (_way, controlOf) => {
  it('takes down the part that is meant, and nothing else, until it is healed', async () => {
    const stack = await hosted();
    const control = await controlOf(stack);
    const state = (): unknown =>
      Object.fromEntries(stack.supervisor.status().parts.map((part) => [part.name, part.state]));
    await control.crash({ part: 'payment', instance: 'payment-2' }, AGES_MS);
    await control.crash({ part: 'broker' }, AGES_MS);
    await control.restart({ part: 'database' }, AGES_MS);
    await control.hang({ part: 'payment', instance: 'payment-1' }, AGES_MS);
    expect(state()).toEqual({
      broker: 'held',
      postgres: 'held',
      inventory: 'ready',
      payment: 'paused',
      'payment-2': 'held',
    });
    expect(isFrozen(partIn(stack.supervisor.status(), 'payment').pid ?? 0)).toBe(true);
    await control.heal();
    expect(new Set(Object.values(state() as object))).toEqual(new Set(['ready']));
  });

  it('lets what crashed or was restarted come back by itself', async () => {
    const stack = await hosted();
    const control = await controlOf(stack);
    for (const deed of ['crash', 'restart'] as const) {
      const { pid } = partIn(stack.supervisor.status(), 'inventory');
      await control[deed]({ part: 'inventory' }, undefined);
      const isBack = await untilStatus(stack.supervisor, (status) => {
        const part = partIn(status, 'inventory');
        return part.state === 'ready' && part.pid !== pid;
      });
      expect(isBack.state).toBe('running');
    }
  });

  it('refuses what is not a part of it, and says what to do', async () => {
    const stack = await hosted(['inventory', 'payment']);
    const control = await controlOf(stack);
    const refusals = [
      [{ part: 'paymnt' }, 'usage', 'Did you mean "payment"?'],
      [{ part: 'payment', instance: 'inventory-2' }, 'usage', undefined],
      [{ part: 'payment', instance: 'payment-3' }, 'environment', '--scale payment=3'],
      [{ part: 'customer' }, 'environment', '--isolated'],
      [{ part: 'broker' }, 'environment', '--isolated'],
    ] as const;
    for (const [target, code, hint] of refusals) {
      const error: unknown = await control.crash(target, 5).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code });
      expect((error as { hint?: string }).hint ?? '').toContain(hint ?? '');
    }
    await expect(control.hang({ part: 'payment' }, 600_001)).rejects.toThrow('not for 600001 ms');
    await expect(control.hang({ part: 'payment' }, 0.5)).rejects.toThrow('not for 0.5 ms');
  });

  it('does not claim that a part crashed which is not there', async () => {
    const stack = await hosted(['payment']);
    const control = await controlOf(stack);
    await stack.supervisor.part('payment').stop();
    for (const forMs of [undefined, 5]) {
      await expect(control.crash({ part: 'payment' }, forMs)).rejects.toMatchObject({
        code: 'not-ready',
      });
    }
    await expect(control.heal()).rejects.toMatchObject({
      code: 'not-ready',
      hint: 'Next: wonderland restart payment',
    });
  });
});

describe('a running stack whose servers belong to somebody else', () => {
  it('says so when they shall be taken down', async () => {
    const stack = await hostParts(closing, [scriptPart('payment', GOOD)], 'external');
    const { control, engine } = await controlRunningStack(settingsOf(stack), clock);
    expect(engine).toBe('external');
    await expect(control.restart({ part: 'database' }, 5)).rejects.toMatchObject({
      code: 'environment',
      message: 'The database of the stack "test" belongs to somebody else: it cannot be taken down',
    });
  });

  it('has them cut off where gates stand before them', async () => {
    const stack = await hostParts(closing, [scriptPart('payment', GOOD)], 'external');
    const server = createServer((_request, response) => response.end('here'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.defer(() => server.close());
    const { port } = server.address() as AddressInfo;
    const upstream = { host: '127.0.0.1', port };
    const broker = closing.use(await TcpGate.open({ upstream, name: 'broker', clock }));
    const gates = { broker, database: undefined };
    const control = controlParts({ door: doorTo(stack.supervisor), gates, clock });
    const call = (): Promise<string> =>
      fetch(`http://127.0.0.1:${broker.port}`).then((response) => response.text());
    await control.crash({ part: 'broker' }, undefined);
    await expect(call()).rejects.toThrow('fetch failed');
    await expect.poll(() => broker.state).toBe('open');
    await control.hang({ part: 'broker' }, AGES_MS);
    const answer = call();
    expect(broker.state).toBe('frozen');
    await control.heal();
    expect(await answer).toBe('here');
    await expect(control.hang({ part: 'database' }, 5)).rejects.toMatchObject({
      code: 'environment',
    });
  });
});

describe('healing a stack', () => {
  it('names what it healed, whoever had done it, and then nothing', async () => {
    const stack = await hosted();
    const settings = settingsOf(stack);
    const { control } = await controlRunningStack(settings, clock);
    await control.crash({ part: 'broker' }, AGES_MS);
    await stack.supervisor.part('inventory').pause(AGES_MS);
    expect(await healStack({ settings, clock })).toEqual(['broker', 'inventory']);
    expect(partIn(stack.supervisor.status(), 'broker').state).toBe('ready');
    expect(await healStack({ settings, clock })).toEqual([]);
  });

  it('ends when the caller does not wait any longer, and when there is no such stack', async () => {
    const stack = await hosted(['payment']);
    const settings = settingsOf(stack);
    const ending = new AbortController();
    await stack.supervisor.part('payment').pause();
    ending.abort();
    await expect(healStack({ settings, clock, signal: ending.signal })).rejects.toMatchObject({
      code: 'interrupted',
    });
    await stack.supervisor.stop();
    await expect(healStack({ settings, clock })).rejects.toMatchObject({
      code: 'stack-not-running',
    });
  });
});
