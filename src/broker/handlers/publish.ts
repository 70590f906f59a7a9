/** basic.publish: checks the message, finds its queues, returns it if nobody takes it, counts its confirm. */
import type { Channel } from '../channel.ts';
import { encodeHeader, needsInspection } from '../codec/properties.ts';
import type { Assembled } from '../content-assembler.ts';
import { Message } from '../core/message.ts';
import { copyKeys } from '../core/routing.ts';
import { ProtocolError } from '../errors.ts';
import { isReplyAddress, REPLY_TO } from '../reply-addresses.ts';

/** Longest time to live RabbitMQ accepts, in ms. */
const MAX_EXPIRATION_MS = 4_294_967_295;

/** A published message with what its header asks of the broker. */
interface Inspected {
  readonly message: Message;
  /** Routing keys of CC and BCC. */
  readonly copies: readonly string[];
  readonly expirationMs: number | undefined;
}

const NO_COPIES: readonly string[] = [];

/** @throws ProtocolError when the message or its exchange is not acceptable */
export function publish(channel: Channel, { publish: method, message: raw }: Assembled): void {
  if (method.immediate) throw new ProtocolError('not-implemented', 'immediate=true');
  const { vhost } = channel;
  const exchange = vhost.exchange(method.exchange);
  if (exchange.spec.internal) {
    const where = `exchange '${exchange.name}' in vhost '${vhost.name}'`;
    throw new ProtocolError('access-refused', `cannot publish to internal ${where}`);
  }
  const { message, copies, expirationMs } = inspect(channel, raw);
  let isRouted = exchange.name === '' && sendReply(channel, message);
  let isRefused = false;
  for (const queue of vhost.route(exchange, message, copies)) {
    isRouted = true;
    if (!queue.offer(message, expirationMs)) isRefused = true;
  }
  if (!isRouted && method.mandatory) sendBack(channel, message);
  if (channel.confirms === undefined) return;
  channel.confirms.count(isRefused ? 'refused' : 'taken');
  channel.connection.confirmSoon(channel);
}

/** Most headers pass through unread. */
function inspect(channel: Channel, message: Message): Inspected {
  if (!needsInspection(message.header)) {
    return { message, copies: NO_COPIES, expirationMs: undefined };
  }
  const { userId, expiration, replyTo, headers } = message.properties;
  const { user } = channel.connection;
  if (userId !== undefined && userId !== user) {
    const text = `user_id property set to '${userId}' but authenticated user was '${user}'`;
    throw new ProtocolError('precondition-failed', text);
  }
  return {
    copies: copyKeys(headers),
    expirationMs: expiration === undefined ? undefined : parseExpiration(expiration),
    message: finish(channel, message, replyTo === REPLY_TO),
  };
}

/** Puts the real reply address in, and takes the blind copies out. */
function finish(channel: Channel, message: Message, wantsReply: boolean): Message {
  const { headers, replyTo } = message.properties;
  const hasBlindCopies = headers?.has('BCC') === true;
  if (!wantsReply && !hasBlindCopies) return message;
  if (wantsReply && channel.replyConsumer === undefined) {
    throw new ProtocolError('precondition-failed', 'fast reply consumer does not exist');
  }
  const visible = [...(headers ?? [])].filter(([name]) => name !== 'BCC');
  const properties = {
    ...message.properties,
    headers: headers === undefined ? undefined : new Map(visible),
    replyTo: wantsReply ? channel.replyConsumer?.address : replyTo,
  };
  const { address, exchange, routingKey, body } = message;
  const header = encodeHeader(properties, body.length);
  return new Message({ address, exchange, routingKey, header, body });
}

function parseExpiration(text: string): number {
  const fail = (why: string): never => {
    throw new ProtocolError('precondition-failed', `invalid expiration '${text}': ${why}`);
  };
  const digits = /^[+-]?\d+/.exec(text)?.[0];
  if (digits === undefined) return fail('no_integer');
  if (digits.length < text.length) return fail(`{leftover_string,"${text.slice(digits.length)}"}`);
  const value = Number(digits);
  if (value < 0) return fail(`{value_negative,${value}}`);
  return value > MAX_EXPIRATION_MS ? fail(`{value_too_big,${value}}`) : value;
}

/** Answers whether the routing key is the address of a channel that waits for replies. */
function sendReply(channel: Channel, message: Message): boolean {
  if (!isReplyAddress(message.routingKey)) return false;
  const target = channel.connection.services.replies.find(message.routingKey);
  target?.deliverReply(message);
  return target !== undefined;
}

function sendBack(channel: Channel, message: Message): void {
  const { exchange, routingKey } = message;
  const reply = { replyCode: 312, replyText: 'NO_ROUTE', exchange, routingKey };
  channel.reply('basic.return', reply);
  channel.sendContent(message);
}
