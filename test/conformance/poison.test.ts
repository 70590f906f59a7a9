// Goal: a message that nobody can handle becomes a dead letter with its reason, and its neighbours don't notice. Method: real brokers, garbage, killed processes.
import { fork } from 'node:child_process';
import { once } from 'node:events';

import { connect, type Channel, type ChannelModel, type Options } from 'amqplib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { readSettings, type Settings } from '../../src/config/settings.ts';
import { release } from '../../src/contracts/inventory.ts';
import { pong } from '../../src/contracts/participant.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveIds } from '../../src/kernel/live.ts';
import { recordOf } from '../../src/mediator/dead-letters/record.ts';
import { outgoing } from '../../src/messaging/bus.ts';
import { givenUp } from '../../src/messaging/dead-letter.ts';
import { startHandler } from '../../src/messaging/handler.ts';
import type { Part } from '../../src/messaging/part.ts';
import { answerTo, reply } from '../../src/messaging/participant.ts';
import { DELIVERY_LIMIT, deleteTopology } from '../../src/messaging/topology.ts';
import { fastClock } from '../support/fast-clock.ts';
import { openTestPart } from '../support/part.ts';
import { partWithoutAcks } from '../support/part-without-acks.ts';
import { BROKERS } from './brokers.ts';

const CRASHING_PART = new URL('../support/crashing-part.ts', import.meta.url);
const ORDER = '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f';
const TRACE = '0123456789abcdef0123456789abcdef';

interface DeadLetter {
  readonly content: Buffer;
  readonly properties: { readonly type?: string; readonly messageId?: string };
  readonly headers: Record<string, unknown>;
}

/** What a good command has, for messages that are wrong in one thing. */
const GOOD: Options.Publish = {
  type: release.name,
  messageId: 'poison',
  appId: 'test',
  timestamp: 1,
  correlationId: ORDER,
  headers: {
    version: 1,
    attempt: 1,
    'sent-at': 1,
    traceparent: `00-${TRACE}-0123456789abcdef-01`,
  },
};
const BODY = JSON.stringify({ orderId: ORDER });

describe.each(BROKERS.filter((each) => !each.isSkipped))('on $title', (kind) => {
  let closing: ClosingStack;
  let settings: Settings;
  let part: Part;
  let connection: ChannelModel;
  let channel: Channel;
  const dead: DeadLetter[] = [];
  const handled: string[] = [];
  let onDead = (): void => undefined;

  beforeEach(async () => {
    closing = new ClosingStack();
    dead.length = handled.length = 0;
    onDead = () => undefined;
    const { url } = closing.use(await kind.open());
    settings = { ...readSettings({}), amqpUrl: url, namespace: `t${liveIds.hex(8)}` };
    connection = await connect(url);
    closing.defer(() => connection.close());
    channel = await connection.createChannel();
    part = closing.use(await openTestPart({ service: 'inventory', settings }));
    closing.defer(() => deleteTopology(channel, part.names));
  });

  afterEach(() => closing[Symbol.asyncDispose]());

  async function watchDeadLetters(): Promise<void> {
    await channel.consume(part.names.deadLetterQueue, (raw) => {
      if (raw === null) return;
      const { content, properties } = raw;
      dead.push({ content, properties, headers: { ...properties.headers } });
      channel.ack(raw);
      onDead();
    });
  }

  async function serve(by = part): Promise<AsyncDisposable> {
    return startHandler(by, {
      queue: part.names.queueOf('inventory'),
      prefetch: 256,
      handle: async ({ id }) => {
        if (id === 'hopeless') throw givenUp('the shelf is on fire');
        if (id === 'not-yet') throw new Error('the shelf is too high');
        handled.push(id);
        return [];
      },
      onError: () => undefined,
    });
  }

  const send = async (id: string): Promise<void> => {
    const routing = { exchange: part.names.commands, routingKey: 'inventory', id };
    const { outcome } = await part.bus.publish(outgoing(release, { orderId: ORDER }, routing));
    expect(outcome).toBe('confirmed');
  };
  const spoil = (content: Buffer, options: Options.Publish): void =>
    void channel.publish(part.names.commands, 'inventory', content, options);
  const ready = async (queue: string): Promise<number> =>
    (await channel.checkQueue(queue)).messageCount;

  const headers = GOOD.headers as Record<string, unknown>;
  const POISON: [string, string, string | Buffer, Options.Publish][] = [
    ['without properties', 'unparsable', BODY, {}],
    ['with a body that is no JSON', 'unparsable', Buffer.from([0xff, 0, 0x7b]), GOOD],
    ['with headers of somebody else', 'unparsable', BODY, { ...GOOD, headers: { x: 'y' } }],
    ['of a type that nobody published', 'unknown-type', BODY, { ...GOOD, type: 'jabberwock' }],
    [
      'of a later version',
      'unknown-version',
      BODY,
      { ...GOOD, headers: { ...headers, version: 99 } },
    ],
    ['whose body breaks its contract', 'invalid-body', '{"orderId":42}', GOOD],
    ['larger than a megabyte', 'too-large', Buffer.alloc(1_048_577, 0x20), GOOD],
    ['with a time to live', 'unparsable', 'x', { ...GOOD, expiration: '60000' }],
  ];

  test('each kind of poison is dead-lettered with its reason, bytes intact, between neighbours that are handled', async () => {
    await watchDeadLetters();
    for (const [index, [, , body, options]] of POISON.entries()) {
      await send(`n${index}`);
      spoil(Buffer.from(body), options);
    }
    await send('last');
    closing.use(await serve());
    await expect.poll(() => dead.length).toBe(POISON.length);
    await expect.poll(() => handled).toHaveLength(POISON.length + 1);
    expect(handled).toEqual([...POISON.keys()].map((index) => `n${index}`).concat('last'));
    const facts = dead.map((each) => each.headers['dead-letter'] as Record<string, unknown>);
    expect(facts.map((each) => each['reason'])).toEqual(POISON.map(([, reason]) => reason));
    expect(dead.map((each) => each.content.length)).toEqual(
      POISON.map(([, , body]) => Buffer.byteLength(body)),
    );
    expect(facts.at(-1)).toMatchObject({
      service: 'inventory',
      queue: part.names.queueOf('inventory'),
      exchange: part.names.commands,
      'routing-key': 'inventory',
      order: ORDER,
      trace: TRACE,
      detail: 'the body is not JSON',
      at: expect.any(Number),
    });
    expect(dead[3]?.properties).toMatchObject({ type: 'jabberwock', messageId: 'poison' });
    await expect.poll(() => ready(part.names.queueOf('inventory'))).toBe(0);
  });

  test('a part dead-letters what it can never carry out, in its own words, and tries it once', async () => {
    await watchDeadLetters();
    closing.use(await serve());
    await send('hopeless');
    await send('next');
    await expect.poll(() => dead.length).toBe(1);
    expect(dead[0]?.headers['dead-letter']).toMatchObject({
      reason: 'given-up',
      detail: 'the shelf is on fire',
    });
    await expect.poll(() => handled).toEqual(['next']);
  });

  describe('a command whose answer no queue takes', () => {
    const serveWithAnswers = (by: Part): Promise<AsyncDisposable> =>
      startHandler(by, {
        queue: part.names.queueOf('inventory'),
        prefetch: 1,
        handle: async (message) => {
          handled.push(message.id);
          const answer = answerTo(message, reply(pong, { nonce: 'n', service: 'inventory' }));
          return answer === undefined ? [] : [answer];
        },
        onError: () => undefined,
      });

    test('is dead-lettered after a while, and holds up nobody for longer', async () => {
      await watchDeadLetters();
      spoil(Buffer.from(BODY), { ...GOOD, replyTo: `nobody.${liveIds.hex(8)}` });
      await send('next');
      closing.use(await serveWithAnswers({ ...part, clock: fastClock(20) }));
      await expect.poll(() => dead.length, { timeout: 10_000 }).toBe(1);
      expect(dead[0]?.headers['dead-letter']).toMatchObject({
        reason: 'no-reply-queue',
        detail: expect.stringContaining('nobody.'),
      });
      await expect.poll(() => handled.toSorted()).toEqual(['next', 'poison']);
      await expect.poll(() => ready(part.names.queueOf('inventory'))).toBe(0);
    });

    test('is answered when the queue comes back in time', async () => {
      await watchDeadLetters();
      const replyTo = `late.${liveIds.hex(8)}`;
      spoil(Buffer.from(BODY), { ...GOOD, replyTo });
      closing.use(await serveWithAnswers(part));
      await expect.poll(() => handled).toEqual(['poison']);
      await channel.assertQueue(replyTo, { autoDelete: true });
      await expect.poll(() => ready(replyTo)).toBe(1);
      await channel.deleteQueue(replyTo);
      expect(dead).toEqual([]);
    });
  });

  test('poison that finds no way to the dead letters stays in its queue until it does', async () => {
    const { deadLetters, deadLetterQueue } = part.names;
    await channel.unbindQueue(deadLetterQueue, deadLetters, '#');
    const serving = await serve();
    spoil(Buffer.from('x'), GOOD);
    await send('next');
    await expect.poll(() => handled).toEqual(['next']);
    await serving[Symbol.asyncDispose]();
    await part[Symbol.asyncDispose]();
    await expect.poll(() => ready(part.names.queueOf('inventory'))).toBe(1);
    // Its next connection declares the topology again, as every connection does.
    part = closing.use(await openTestPart({ service: 'inventory', settings }));
    await watchDeadLetters();
    closing.use(await serve());
    await expect.poll(() => dead.length).toBe(1);
    expect(dead[0]?.content.toString()).toBe('x');
    await expect.poll(() => ready(part.names.queueOf('inventory'))).toBe(0);
  });

  test('a message that came back often and fails again holds up nobody behind it', async () => {
    await send('not-yet');
    for (let returns = 0; returns < 2; returns++) {
      const serving = await serve();
      await expect.poll(() => ready(part.names.queueOf('inventory'))).toBe(0);
      await serving[Symbol.asyncDispose]();
      await part[Symbol.asyncDispose]();
      part = closing.use(await openTestPart({ service: 'inventory', settings }));
    }
    await send('next');
    closing.use(await serve());
    await expect.poll(() => handled).toEqual(['next']);
  });

  test('a crash between the copy and the ack makes a second copy of the same dead letter', async () => {
    await watchDeadLetters();
    const serving = await serve(partWithoutAcks(part));
    spoil(Buffer.from('x'), GOOD);
    await expect.poll(() => dead.length).toBe(1);
    await serving[Symbol.asyncDispose]();
    await part[Symbol.asyncDispose]();
    part = closing.use(await openTestPart({ service: 'inventory', settings }));
    closing.use(await serve());
    await expect.poll(() => dead.length).toBe(2);
    const records = dead.map(({ content, properties }) =>
      recordOf({ exchange: '', routingKey: '', content, properties: { ...properties } }, 0),
    );
    expect(records[0]?.id).toBe(records[1]?.id);
    expect(records[0]?.copy).not.toBe(records[1]?.copy);
  });

  test(
    'a message that kills its part at every try ends as a dead letter, and no neighbour with it',
    { timeout: 180_000 },
    async () => {
      await watchDeadLetters();
      const neighbours = Array.from({ length: 40 }, (_, index) => `n${index}`);
      for (const id of neighbours.toSpliced(5, 0, 'deadly')) await send(id);
      const done = new Set<string>();
      let isDead = false;
      let crashes = 0;
      const isOver = (): boolean => isDead && done.size === neighbours.length;
      while (!isOver() && crashes <= 2 * DELIVERY_LIMIT) {
        const args = [settings.amqpUrl ?? '', settings.namespace, 'deadly'];
        const child = fork(CRASHING_PART, args, { execArgv: ['--import', 'tsx'] });
        closing.defer(() => void child.kill());
        const stopWhenOver = (): unknown => isOver() && child.kill();
        onDead = () => {
          isDead = true;
          stopWhenOver();
        };
        child.on('message', (id: string) => {
          done.add(id);
          stopWhenOver();
        });
        const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
        if (signal === 'SIGKILL') crashes++;
      }
      expect(dead.map((each) => each.properties.messageId)).toEqual(['deadly']);
      expect(dead[0]?.headers).toMatchObject({
        'x-death': [{ reason: 'delivery_limit', queue: part.names.queueOf('inventory') }],
      });
      expect([...done].toSorted()).toEqual(neighbours.toSorted());
      expect(crashes).toBe(DELIVERY_LIMIT + 1);
    },
  );
});
