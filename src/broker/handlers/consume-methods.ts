/** basic.* on the receiving side: qos, consume, cancel, get, ack, nack, reject, recover. */
import type { Channel } from '../channel.ts';
import type { MethodArgs } from '../codec/methods.ts';
import { Consumer } from '../consumer.ts';
import { ProtocolError } from '../errors.ts';
import { REPLY_TO } from '../reply-addresses.ts';
import { generateName } from '../services.ts';

export function setPrefetch(channel: Channel, args: MethodArgs<'basic.qos'>): void {
  if (args.prefetchSize !== 0) {
    throw new ProtocolError('not-implemented', `prefetch_size!=0 (${args.prefetchSize})`);
  }
  if (args.global) channel.globalPrefetch = args.prefetchCount;
  else channel.prefetch = args.prefetchCount;
  channel.reply('basic.qos-ok', {});
  if (args.global) channel.dispatch();
}

export function consume(channel: Channel, args: MethodArgs<'basic.consume'>): void {
  if (args.queue === REPLY_TO) return consumeReplies(channel, args);
  const queue = channel.queueNamed(args.queue);
  if (queue.limits.type === 'quorum' && channel.globalPrefetch > 0) {
    const text = `queue '${queue.name}' in vhost '${channel.vhost.name}' does not support global qos`;
    throw new ProtocolError('not-implemented', text);
  }
  const tag = newTag(channel, args.consumerTag);
  const { noAck, exclusive: isExclusive } = args;
  const options = { tag, queue, noAck, isExclusive, prefetch: channel.prefetch };
  const consumer = new Consumer(options, channel);
  queue.addConsumer(consumer);
  channel.consumers.set(tag, consumer);
  if (!args.nowait) channel.reply('basic.consume-ok', { consumerTag: tag });
  queue.dispatch();
}

function newTag(channel: Channel, wanted: string): string {
  if (wanted === '') return generateName('amq.ctag-', channel.connection.services.ids);
  if (channel.consumers.has(wanted) || channel.replyConsumer?.tag === wanted) {
    throw new ProtocolError('not-allowed', `attempt to reuse consumer tag '${wanted}'`);
  }
  return wanted;
}

function consumeReplies(channel: Channel, args: MethodArgs<'basic.consume'>): void {
  if (channel.replyConsumer !== undefined) {
    throw new ProtocolError('precondition-failed', 'reply consumer already set');
  }
  if (!args.noAck) {
    throw new ProtocolError('precondition-failed', 'reply consumer cannot acknowledge');
  }
  const { ids, replies } = channel.connection.services;
  const tag = newTag(channel, args.consumerTag);
  channel.replyConsumer = { tag, address: replies.add(generateName('', ids), channel) };
  if (!args.nowait) channel.reply('basic.consume-ok', { consumerTag: tag });
}

/** Cancelling what is not there is no error. */
export function cancel(channel: Channel, args: MethodArgs<'basic.cancel'>): void {
  channel.cancel(args.consumerTag);
  if (!args.nowait) channel.reply('basic.cancel-ok', { consumerTag: args.consumerTag });
}

export function get(channel: Channel, args: MethodArgs<'basic.get'>): void {
  const queue = channel.queueNamed(args.queue);
  const entry = queue.get();
  if (entry === undefined) channel.reply('basic.get-empty', { clusterId: '' });
  else channel.deliverGot(queue, entry, args.noAck);
}

export function ack(channel: Channel, args: MethodArgs<'basic.ack'>): void {
  channel.ack(args.deliveryTag, args.multiple);
}

export function nack(channel: Channel, args: MethodArgs<'basic.nack'>): void {
  channel.refuse(args.deliveryTag, args);
}

export function reject(channel: Channel, args: MethodArgs<'basic.reject'>): void {
  channel.refuse(args.deliveryTag, { multiple: false, requeue: args.requeue });
}

export function recover(channel: Channel, args: MethodArgs<'basic.recover'>): void {
  recoverAsync(channel, args);
  channel.reply('basic.recover-ok', {});
}

/** The deprecated form without an answer. */
export function recoverAsync(channel: Channel, args: { readonly requeue: boolean }): void {
  if (!args.requeue) throw new ProtocolError('not-implemented', 'requeue=false');
  channel.recover();
}
