/** What a client may ask of an open channel: one handler per method, by name. */
import type { Channel } from '../channel.ts';
import type { MethodArgs, MethodName } from '../codec/methods.ts';
import { ConfirmTracker } from '../confirm-tracker.ts';
import { ProtocolError } from '../errors.ts';
import {
  ack,
  cancel,
  consume,
  get,
  nack,
  recover,
  recoverAsync,
  reject,
  setPrefetch,
} from './consume-methods.ts';
import {
  bindExchange,
  declareExchange,
  deleteExchange,
  unbindExchange,
} from './exchange-methods.ts';
import { bindQueue, declareQueue, deleteQueue, purgeQueue, unbindQueue } from './queue-methods.ts';

type Handlers = {
  readonly [Name in MethodName]?: (channel: Channel, args: MethodArgs<Name>) => void;
};

/** basic.publish is not here: it has its content to wait for (`publish.ts`). */
export const CHANNEL_METHODS: Handlers = {
  'channel.flow': flow,
  'access.request': (channel) => channel.reply('access.request-ok', { ticket: 1 }),
  'exchange.declare': declareExchange,
  'exchange.delete': deleteExchange,
  'exchange.bind': bindExchange,
  'exchange.unbind': unbindExchange,
  'queue.declare': declareQueue,
  'queue.bind': bindQueue,
  'queue.unbind': unbindQueue,
  'queue.purge': purgeQueue,
  'queue.delete': deleteQueue,
  'basic.qos': setPrefetch,
  'basic.consume': consume,
  'basic.cancel': cancel,
  'basic.cancel-ok': () => undefined,
  'basic.get': get,
  'basic.ack': ack,
  'basic.nack': nack,
  'basic.reject': reject,
  'basic.recover': recover,
  'basic.recover-async': recoverAsync,
  'confirm.select': selectConfirms,
};

function flow(channel: Channel, { active }: MethodArgs<'channel.flow'>): void {
  if (!active) throw new ProtocolError('not-implemented', 'active=false');
  channel.reply('channel.flow-ok', { active });
}

function selectConfirms(channel: Channel, { nowait }: MethodArgs<'confirm.select'>): void {
  channel.confirms ??= new ConfirmTracker();
  if (!nowait) channel.reply('confirm.select-ok', {});
}
