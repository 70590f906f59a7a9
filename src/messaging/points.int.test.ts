import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { armFaults } from '../../test/support/faults.ts';
import { openSurroundings, openTestPart } from '../../test/support/part.ts';
import type { Settings } from '../config/settings.ts';
import type { FaultAction, Point } from '../contracts/faults.ts';
import { Fault } from '../contracts/faults.ts';
import { commit, committed } from '../contracts/inventory.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { liveIds } from '../kernel/live.ts';
import { outgoing } from './bus.ts';
import { startHandler } from './handler.ts';
import type { Part } from './part.ts';
import { answerTo, reply } from './participant.ts';

const FAULTY_PART = path.join(import.meta.dirname, '../../test/support/faulty-part.ts');
const RUN = 'points';

describe('faults at the points of a message', () => {
  let closing: ClosingStack;
  let settings: Settings;
  let sender: Part;
  /** Message ids in the order they were handled, and answered. */
  let handled: string[];
  let answered: string[];
  let send: (id?: string) => Promise<void>;

  beforeEach(async () => {
    closing = new ClosingStack();
    settings = closing.use(await openSurroundings()).settings;
    sender = closing.use(await openTestPart({ service: 'mediator', settings }));
    handled = [];
    answered = [];
    const answers = await sender.bus.subscribe([], (each) => answered.push(each.inReplyTo ?? ''));
    closing.defer(() => answers.cancel());
    send = async (id = liveIds.uuid()) => {
      const orderId = liveIds.uuid();
      await sender.bus.publish(
        outgoing(
          commit,
          { orderId },
          {
            exchange: sender.names.commands,
            routingKey: 'inventory',
            id,
            correlationId: orderId,
            run: RUN,
            replyTo: answers.address(),
          },
        ),
      );
    };
  });
  afterEach(() => closing[Symbol.asyncDispose]());

  async function startAnswering(): Promise<void> {
    const part = closing.use(await openTestPart({ service: 'inventory', settings }));
    closing.use(
      await startHandler(part, {
        queue: part.names.queueOf('inventory'),
        prefetch: 64,
        handle: async (message) => {
          handled.push(message.id);
          const { correlationId: orderId = '' } = message;
          return [answerTo(message, reply(committed, { orderId }))].filter(
            (each) => each !== undefined,
          );
        },
        onError: () => undefined,
      }),
    );
  }

  /** The first message only, unless said otherwise. */
  const arm = (point: Point, action: FaultAction, times = 1): Promise<void> =>
    armFaults(sender, 'inventory', { run: RUN, message: commit.name, point, action, times });

  /** A first message that a fault hits, and a second one that it leaves alone, which is through. */
  async function sendTwo(point: Point, action: FaultAction): Promise<void> {
    await startAnswering();
    await arm(point, action);
    await send('first');
    await send('second');
    await expect.poll(() => answered).toContain('second');
  }

  /** What became of the first. */
  function outcome() {
    const count = (ids: readonly string[]): number => ids.filter((id) => id === 'first').length;
    return { handled: count(handled), answered: count(answered) };
  }

  it.each([
    ['deliver', { handled: 0, answered: 0 }],
    ['reply', { handled: 1, answered: 0 }],
    ['publish', { handled: 1, answered: 0 }],
  ] as const)('drop at %s loses the message, and it does not come again', async (point, found) => {
    await sendTwo(point, { verb: 'drop' });
    expect(outcome()).toEqual(found);
  });

  it.each([
    ['deliver', { handled: 4, answered: 4 }],
    ['reply', { handled: 1, answered: 4 }],
    ['publish', { handled: 1, answered: 4 }],
  ] as const)('duplicate at %s makes more of it', async (point, found) => {
    await sendTwo(point, { verb: 'duplicate', copies: 3 });
    await expect.poll(outcome).toEqual(found);
  });

  it('reorder lets later messages overtake earlier ones', async () => {
    await startAnswering();
    await arm('deliver', { verb: 'reorder', withinMs: 200 }, 30);
    const sent = Array.from({ length: 30 }, (_, index) => `${100 + index}`);
    for (const id of sent) await send(id);
    await expect.poll(() => answered).toHaveLength(sent.length);
    // One order of 30! is the one they were sent in.
    expect(handled).not.toEqual(sent);
    expect(handled.toSorted()).toEqual(sent);
  });

  it.each(['handle', 'commit', 'committed', 'reply', 'publish', 'confirm', 'ack'] as const)(
    'crash at %s ends the process there, and the message goes to the next',
    async (point) => {
      const args = [settings.amqpUrl ?? '', settings.namespace];
      const child = fork(FAULTY_PART, args, { execArgv: ['--import', 'tsx'], silent: true });
      closing.defer(() => child.kill('SIGKILL'));
      const seen: unknown[] = [];
      child.on('message', (id) => seen.push(id));
      await expect.poll(() => seen).toEqual(['ready']);
      await arm(point, { verb: 'crash' });
      const exit = once(child, 'exit');
      await send('first');
      expect((await exit)[1]).toBe('SIGKILL');
      await startAnswering();
      await expect.poll(() => handled).toEqual(['first']);
      const wasSent = point === 'confirm' || point === 'ack';
      await expect.poll(() => answered).toHaveLength(wasSent ? 2 : 1);
    },
  );

  it('a verb that makes no sense at a point cannot be armed there', () => {
    const fault = { id: 'f', run: RUN, service: 'inventory', message: '*', nth: 1 };
    const drop = { ...fault, action: { verb: 'drop' } };
    expect(Fault.safeParse({ ...drop, point: 'deliver' }).success).toBe(true);
    expect(Fault.safeParse({ ...drop, point: 'commit' }).success).toBe(false);
  });
});
