/** docs/asyncapi.yaml: the queues and exchanges of the topology, and the messages on them. */
import { stringify } from 'yaml';

import type { Contract } from '../../src/contracts/message.ts';
import { CONTRACTS } from '../../src/contracts/registry.ts';
import { namesOf, topologyOf } from '../../src/messaging/topology.ts';
import { bodySchema } from './messages.ts';

const HEADER = '# Generated from src/contracts/ and src/messaging/topology.ts by `npm run docs`.\n';

export function asyncApiPage(): string {
  const topology = topologyOf(namesOf(''));
  const queues = topology.queues.map(({ name, arguments: settings, bindings }) => [
    name,
    {
      address: name,
      description: bindings.map((each) => `${each.exchange} ← ${each.routingKey}`).join(', '),
      messages: Object.fromEntries(
        CONTRACTS.filter((each) => queueOf(each) === name).map((each) => [
          keyOf(each),
          { $ref: `#/components/messages/${keyOf(each)}` },
        ]),
      ),
      bindings: { amqp: { is: 'queue', queue: { name, durable: true, 'x-arguments': settings } } },
    },
  ]);
  const exchanges = topology.exchanges.map(({ name, type }) => [
    name,
    {
      address: name,
      bindings: { amqp: { is: 'routingKey', exchange: { name, type, durable: true } } },
    },
  ]);
  const messages = CONTRACTS.map((each) => [
    keyOf(each),
    {
      name: each.name,
      summary: each.about,
      contentType: 'application/json',
      payload: bodySchema(each.body),
    },
  ]);
  return (
    HEADER +
    stringify({
      asyncapi: '3.0.0',
      info: {
        title: 'Wonderland Bookstore',
        version: '1',
        description: 'Everything between the parts.',
      },
      channels: Object.fromEntries([...exchanges, ...queues]),
      components: { messages: Object.fromEntries(messages) },
    })
  );
}

const keyOf = ({ name, version }: Contract): string => `${name}.v${version}`;

/** The work queue that a message arrives in, when it has one of its own. */
function queueOf({ name, kind, owner }: Contract): string | undefined {
  if (owner === 'mediator' && kind === 'query') return 'mediator.queries';
  // Whoever asks the mediator is answered in a private queue.
  if (owner === 'mediator' && kind === 'reply') return undefined;
  if (kind === 'reply' && owner !== 'shared') return 'mediator.replies';
  if (name === 'log.records') return 'logging.records';
  if (name === 'order.confirmed' || name === 'order.rejected') return 'notification.inbox';
  if (kind !== 'command' && kind !== 'query') return undefined;
  if (owner === 'notification') return 'notification.inbox';
  return owner === 'shared' ? undefined : `${owner}.commands`;
}
