/** exchange.*: declare, delete, and bindings between exchanges. */
import type { Channel } from '../channel.ts';
import type { MethodArgs } from '../codec/methods.ts';
import { parseExchangeType, type Binding } from '../core/exchange.ts';
import { defaultExchangeRefused, describe, ProtocolError } from '../errors.ts';
import { typeNameOf } from '../codec/field-table.ts';

export function declareExchange(channel: Channel, args: MethodArgs<'exchange.declare'>): void {
  const { vhost } = channel;
  if (args.exchange === '') throw defaultExchangeRefused();
  if (args.passive) vhost.exchange(args.exchange);
  else declare(channel, args);
  if (!args.nowait) channel.reply('exchange.declare-ok', {});
}

function declare({ vhost }: Channel, args: MethodArgs<'exchange.declare'>): void {
  const name = args.exchange;
  const type = parseExchangeType(args.type);
  if (name.startsWith('amq.') && vhost.findExchange(name) === undefined) {
    const text = `exchange name '${name}' contains reserved prefix 'amq.*'`;
    throw new ProtocolError('access-refused', text);
  }
  const alternate = args.arguments.get('alternate-exchange');
  if (alternate !== undefined && alternate.type !== 'S') {
    const where = describe('exchange', name, vhost.name);
    const text = `invalid type '${typeNameOf(alternate)}' for arg 'alternate-exchange' in ${where}`;
    throw new ProtocolError('precondition-failed', text);
  }
  const { durable, autoDelete, internal } = args;
  vhost.declareExchange({ name, type, durable, autoDelete, internal, args: args.arguments });
}

export function deleteExchange(channel: Channel, args: MethodArgs<'exchange.delete'>): void {
  const { vhost } = channel;
  const name = args.exchange;
  if (name === '') throw defaultExchangeRefused();
  const where = describe('exchange', name, vhost.name);
  if (name.startsWith('amq.')) {
    throw new ProtocolError('access-refused', `deletion of system ${where} not allowed`);
  }
  const exchange = vhost.findExchange(name);
  if (exchange !== undefined) {
    if (args.ifUnused && exchange.bindingCount > 0) {
      throw new ProtocolError('precondition-failed', `${where} in use`);
    }
    vhost.deleteExchange(exchange);
  }
  if (!args.nowait) channel.reply('exchange.delete-ok', {});
}

export function bindExchange(channel: Channel, args: MethodArgs<'exchange.bind'>): void {
  channel.vhost.bind(bindingOf(channel, args));
  if (!args.nowait) channel.reply('exchange.bind-ok', {});
}

/** Taking away what is not there is no error, whatever is missing. */
export function unbindExchange(channel: Channel, args: MethodArgs<'exchange.unbind'>): void {
  const { vhost } = channel;
  const names = [args.source, args.destination];
  if (names.includes('')) throw defaultExchangeRefused();
  const isThere = names.every((name) => vhost.findExchange(name) !== undefined);
  if (isThere) vhost.unbind(bindingOf(channel, args));
  if (!args.nowait) channel.reply('exchange.unbind-ok', {});
}

function bindingOf({ vhost }: Channel, args: MethodArgs<'exchange.bind'>): Binding {
  if (args.source === '' || args.destination === '') throw defaultExchangeRefused();
  return {
    source: vhost.exchange(args.source),
    destination: vhost.exchange(args.destination),
    key: args.routingKey,
    args: args.arguments,
  };
}
