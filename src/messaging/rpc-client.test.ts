// Goal: whoever asks hears in time that there is no answer, however the broker is. Method: a bus that keeps every question.
import { expect, test } from 'vitest';

import { handClock } from '../../test/support/hand-clock.ts';
import { ping, pong } from '../contracts/participant.ts';
import { liveIds } from '../kernel/live.ts';
import type { Bus, OutgoingMessage } from './bus.ts';
import { RpcClient, type RpcRequest } from './rpc-client.ts';
import { namesOf } from './topology.ts';

const never = new Promise<never>(() => undefined);

/** Its broker is away: publishing waits. */
function awayBus(asked: OutgoingMessage[]): Bus {
  return {
    isConnected: () => false,
    isBlocked: () => false,
    publish: (message) => {
      asked.push(message);
      return never;
    },
    forward: () => never,
    consume: () => never,
    depthOf: () => never,
    subscribe: async () => ({ address: () => 'private', cancel: async () => undefined }),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function open(asked: OutgoingMessage[] = []): Promise<RpcClient> {
  const { clock } = handClock();
  return RpcClient.open({ bus: awayBus(asked), names: namesOf(''), ids: liveIds, clock });
}

const question = (
  nonce: string,
): RpcRequest<{ nonce: string }, { nonce: string; service: string }> => ({
  service: 'payment',
  contract: ping,
  body: { nonce },
  answer: pong,
  withinMs: 1_000,
});

test('a question that is still on its way to the broker when its time is over counts as unanswered', async () => {
  const asked: OutgoingMessage[] = [];
  const client = await open(asked);
  await expect(client.ask(question('n'))).rejects.toThrow('payment did not answer');
  expect(asked.map((each) => each.type)).toEqual([ping.name]);
});

test('a question that breaks its contract is refused at once', async () => {
  const client = await open();
  await expect(client.ask(question(''))).rejects.toThrow('nonce');
});
