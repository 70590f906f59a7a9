/** queue.*: declare, bind, unbind, purge, delete. */
import type { Channel } from '../channel.ts';
import type { MethodArgs } from '../codec/methods.ts';
import type { Exchange } from '../core/exchange.ts';
import { checkQueueArguments, queueTypeOf } from '../core/queue-arguments.ts';
import type { Queue, QueueSpec } from '../core/queue.ts';
import { defaultExchangeRefused, describe, notFound, ProtocolError } from '../errors.ts';
import { isReplyAddress, REPLY_TO } from '../reply-addresses.ts';
import { generateName } from '../services.ts';

export function declareQueue(channel: Channel, args: MethodArgs<'queue.declare'>): void {
  if (args.passive) return inspectQueue(channel, args);
  const queue = channel.vhost.declareQueue(specOf(channel, args));
  channel.lastQueue = queue.name;
  if (!args.nowait) replyDeclared(channel, queue);
}

function specOf(channel: Channel, args: MethodArgs<'queue.declare'>): QueueSpec {
  const { vhost, connection } = channel;
  const name = args.queue === '' ? generateName('amq.gen-', connection.services.ids) : args.queue;
  const existing = vhost.findQueue(name);
  if (args.queue.startsWith('amq.') && existing === undefined) {
    const text = `queue name '${name}' contains reserved prefix 'amq.*'`;
    throw new ProtocolError('access-refused', text);
  }
  const spec = {
    name,
    durable: args.durable,
    autoDelete: args.autoDelete,
    owner: args.exclusive ? connection.identity : undefined,
    args: args.arguments,
  };
  checkQueueArguments(spec.args, name, vhost.name);
  if (existing === undefined) checkQuorumProperties(spec, vhost.name);
  return spec;
}

/** Quorum queues are for messages that matter: neither transient nor private. */
function checkQuorumProperties(spec: QueueSpec, vhost: string): void {
  if (queueTypeOf(spec.args) !== 'quorum') return;
  const refuse = (property: string): never => {
    const text = `invalid property '${property}' for ${describe('queue', spec.name, vhost)}`;
    throw new ProtocolError('precondition-failed', text);
  };
  if (spec.autoDelete) refuse('auto-delete');
  if (spec.owner !== undefined) refuse('exclusive-owner');
  if (!spec.durable) refuse('non-durable');
}

function inspectQueue(channel: Channel, args: MethodArgs<'queue.declare'>): void {
  if (args.queue === REPLY_TO || isReplyAddress(args.queue)) {
    return inspectReplyQueue(channel, args);
  }
  const queue = channel.queueNamed(args.queue);
  channel.lastQueue = queue.name;
  if (!args.nowait) replyDeclared(channel, queue);
}

/** Lets a server ask whether its requester still waits. */
function inspectReplyQueue(channel: Channel, args: MethodArgs<'queue.declare'>): void {
  const { queue, nowait } = args;
  const isThere =
    queue === REPLY_TO || channel.connection.services.replies.find(queue) !== undefined;
  if (!isThere) throw notFound('queue', queue, channel.vhost.name);
  if (!nowait) channel.reply('queue.declare-ok', { queue, messageCount: 0, consumerCount: 1 });
}

function replyDeclared(channel: Channel, queue: Queue): void {
  channel.reply('queue.declare-ok', {
    queue: queue.name,
    messageCount: queue.readyCount,
    consumerCount: queue.consumerCount,
  });
}

export function bindQueue(channel: Channel, args: MethodArgs<'queue.bind'>): void {
  channel.vhost.bind(bindingOf(channel, args));
  if (!args.nowait) channel.reply('queue.bind-ok', {});
}

function bindingOf(
  channel: Channel,
  args: Pick<MethodArgs<'queue.bind'>, 'queue' | 'exchange' | 'routingKey' | 'arguments'>,
): {
  source: Exchange;
  destination: Queue;
  key: string;
  args: MethodArgs<'queue.bind'>['arguments'];
} {
  const destination = channel.queueNamed(args.queue);
  if (args.exchange === '') throw defaultExchangeRefused();
  const source = channel.vhost.exchange(args.exchange);
  // Both empty: the last declared queue, bound by its own name.
  const key = args.queue === '' && args.routingKey === '' ? destination.name : args.routingKey;
  return { source, destination, key, args: args.arguments };
}

/** Taking away what is not there is no error, whatever is missing. */
export function unbindQueue(channel: Channel, args: MethodArgs<'queue.unbind'>): void {
  const { vhost } = channel;
  if (args.exchange === '') throw defaultExchangeRefused();
  const isThere =
    vhost.findExchange(args.exchange) !== undefined &&
    vhost.findQueue(channel.queueName(args.queue)) !== undefined;
  if (isThere) vhost.unbind(bindingOf(channel, args));
  channel.reply('queue.unbind-ok', {});
}

export function purgeQueue(channel: Channel, args: MethodArgs<'queue.purge'>): void {
  const messageCount = channel.queueNamed(args.queue).purge();
  if (!args.nowait) channel.reply('queue.purge-ok', { messageCount });
}

export function deleteQueue(channel: Channel, args: MethodArgs<'queue.delete'>): void {
  const messageCount = remove(channel, args);
  if (!args.nowait) channel.reply('queue.delete-ok', { messageCount });
}

function remove(channel: Channel, args: MethodArgs<'queue.delete'>): number {
  const name = channel.queueName(args.queue);
  if (channel.vhost.findQueue(name) === undefined) return 0;
  const queue = channel.queueNamed(name);
  const where = describe('queue', name, channel.vhost.name);
  if (args.ifUnused && queue.consumerCount > 0) {
    throw new ProtocolError('precondition-failed', `${where} in use`);
  }
  if (args.ifEmpty && queue.readyCount > 0) {
    throw new ProtocolError('precondition-failed', `${where} not empty`);
  }
  return channel.vhost.deleteQueue(queue);
}
