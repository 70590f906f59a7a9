/** The open channels of a connection: opens them, gives them their frames, closes those that failed. */
import { Channel, type ChannelHost } from './channel.ts';
import { FRAME_BODY, FRAME_HEADER, FRAME_METHOD, type Frame } from './codec/frames.ts';
import { ProtocolError } from './errors.ts';
import { CHANNEL_METHODS } from './handlers/channel-methods.ts';
import { publish } from './handlers/publish.ts';
import {
  isPublish,
  readArguments,
  readMethodName,
  unknownFrame,
  type MethodId,
} from './method-frame.ts';

export class ChannelTable {
  readonly #host: ChannelHost;
  readonly #channels = new Map<number, Channel>();

  constructor(host: ChannelHost) {
    this.#host = host;
  }

  /** @throws ProtocolError and whatever decoding throws */
  take(frame: Frame): void {
    const channel = this.#channels.get(frame.channel);
    if (channel === undefined) return this.#open(frame);
    if (channel.isClosing) return this.#takeWhileClosing(channel, frame);
    if (channel.content.isWaiting || frame.type !== FRAME_METHOD)
      return takeContent(channel, frame);
    if (isPublish(frame.payload)) {
      return channel.content.begin(channel.publishes.decode(frame.payload));
    }
    this.#takeMethod(channel, frame);
  }

  /** Ends a channel with an error. Answers false when there is no such channel. */
  fail(number: number, error: ProtocolError, culprit: MethodId): boolean {
    const channel = this.#channels.get(number);
    if (channel === undefined) return false;
    channel.release();
    const { classId, methodId } = error.culprit ?? culprit;
    const { code: replyCode, message: replyText } = error;
    channel.reply('channel.close', { replyCode, replyText, classId, methodId });
    return true;
  }

  /** The socket takes more again. */
  dispatch(): void {
    for (const channel of this.#channels.values()) channel.dispatch();
  }

  release(): void {
    for (const channel of this.#channels.values()) channel.release();
    this.#channels.clear();
  }

  #open(frame: Frame): void {
    // Content that was on its way when its channel was closed.
    if (frame.type === FRAME_HEADER || frame.type === FRAME_BODY) return;
    if (frame.type !== FRAME_METHOD) throw unknownFrame(frame);
    const name = readMethodName(frame.payload);
    if (name.startsWith('connection.')) throw unimplemented();
    if (name !== 'channel.open') {
      throw new ProtocolError('channel-error', "expected 'channel.open'");
    }
    const channel = new Channel(frame.channel, this.#host);
    this.#channels.set(frame.channel, channel);
    channel.reply('channel.open-ok', { channelId: Buffer.alloc(0) });
  }

  #takeMethod(channel: Channel, { payload }: Frame): void {
    const name = readMethodName(payload);
    if (name === 'channel.open') {
      throw new ProtocolError('channel-error', "second 'channel.open' seen");
    }
    if (name === 'channel.close') {
      channel.release();
      this.#channels.delete(channel.number);
      return channel.reply('channel.close-ok', {});
    }
    const handler = CHANNEL_METHODS[name];
    if (handler === undefined) throw unimplemented();
    // The table pairs each name with a handler of its arguments; the compiler cannot follow the look-up.
    handler(channel, readArguments(name, payload) as never);
  }

  /** After a channel error everything is dropped until the client has understood. */
  #takeWhileClosing(channel: Channel, { type, payload }: Frame): void {
    if (type !== FRAME_METHOD) return;
    const name = readMethodName(payload);
    if (name === 'channel.close-ok') this.#channels.delete(channel.number);
    if (name === 'channel.close') channel.reply('channel.close-ok', {});
  }
}

function takeContent(channel: Channel, frame: Frame): void {
  if (frame.type > FRAME_BODY) throw unknownFrame(frame);
  const assembled = channel.content.add(frame);
  if (assembled === undefined) return;
  channel.connection.publishing();
  publish(channel, assembled);
}

function unimplemented(): ProtocolError {
  return new ProtocolError('command-invalid', 'unimplemented method');
}
