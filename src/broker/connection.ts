/** A client's connection: cuts its stream into frames, gives them to channels, and knows how to end. */
import type { Socket } from 'node:net';

import type { Timer } from '../kernel/clock.ts';
import { Channel, type ChannelHost } from './channel.ts';
import { ByteReader, DecodeError } from './codec/byte-reader.ts';
import { EMPTY_TABLE, type FieldTable } from './codec/field-table.ts';
import {
  erlangBinary,
  FRAME_BODY,
  FRAME_HEADER,
  FRAME_HEARTBEAT,
  FRAME_METHOD,
  FrameError,
  frameOf,
  FrameParser,
  HEARTBEAT,
  PROTOCOL_HEADER,
  type Frame,
} from './codec/frames.ts';
import { decodeArguments, encodeMethod } from './codec/method-codec.ts';
import { methodNamed, METHODS, type MethodArgs, type MethodName } from './codec/methods.ts';
import { ProtocolError } from './errors.ts';
import { CHANNEL_METHODS } from './handlers/channel-methods.ts';
import { CONNECTION_METHODS } from './handlers/connection-methods.ts';
import { publish } from './handlers/publish.ts';
import { hasCapability, START, TUNING } from './handshake.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Services } from './services.ts';
import { SocketWriter } from './socket-writer.ts';
import type { VirtualHost } from './vhost.ts';

/** How far the connection has come; each phase accepts its own methods. */
export type Phase = 'header' | 'starting' | 'tuning' | 'opening' | 'running' | 'closing' | 'closed';

/** A client that has not opened its connection by then is none. */
const HANDSHAKE_LIMIT_MS = 10_000;
/** How long a peer may take to answer connection.close. */
const CLOSE_LIMIT_MS = 3_000;

const PUBLISH_ID = (METHODS['basic.publish'].classId << 16) | METHODS['basic.publish'].methodId;
const NO_METHOD = { classId: 0, methodId: 0 };

export class Connection implements ChannelHost {
  readonly services: Services;
  readonly identity: object = this;
  user = '';
  clientProperties: FieldTable = EMPTY_TABLE;
  phase: Phase = 'header';
  frameMax: number = TUNING.frameMax;
  readonly #socket: Socket;
  readonly #writer: SocketWriter;
  readonly #parser = new FrameParser(TUNING.frameMax);
  readonly #channels = new Map<number, Channel>();
  readonly #confirming = new Set<Channel>();
  readonly #stopWatchingMemory: () => void;
  #greeting = Buffer.alloc(0);
  #vhost: VirtualHost | undefined;
  #heartbeat: Heartbeat | undefined;
  #deadline: Timer | undefined;
  #heartbeatSeconds = 0;
  #hasPublished = false;
  #isPaused = false;

  constructor(socket: Socket, services: Services) {
    this.services = services;
    this.#socket = socket;
    this.#writer = new SocketWriter(socket, () => this.#dispatch());
    this.#stopWatchingMemory = services.memory.watch(() => this.#applyMemoryAlarm());
    this.#limit(HANDSHAKE_LIMIT_MS);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    // 'close' follows: there the connection is taken apart.
    socket.on('error', (error) => services.log.log('debug', `connection lost: ${error.message}`));
    socket.on('close', () => this.#release());
  }

  get vhost(): VirtualHost {
    if (this.#vhost === undefined) throw new ProtocolError('channel-error', 'not open');
    return this.#vhost;
  }

  get out() {
    return this.#writer.out;
  }

  get isCongested(): boolean {
    return this.#writer.isCongested;
  }

  get wantsCancelNotice(): boolean {
    return hasCapability(this.clientProperties, 'consumer_cancel_notify');
  }

  send<Name extends MethodName>(channel: number, name: Name, args: MethodArgs<Name>): void {
    this.out.append(frameOf(FRAME_METHOD, channel, encodeMethod(name, args)));
    this.flushSoon();
  }

  flushSoon(): void {
    this.#heartbeat?.sent();
    this.#writer.flushSoon();
  }

  confirmSoon(channel: Channel): void {
    this.#confirming.add(channel);
  }

  /** The client has chosen its limits: the frame size holds from now on. */
  tune({ frameMax, heartbeat }: MethodArgs<'connection.tune-ok'>): void {
    this.frameMax = frameMax;
    this.#parser.frameMax = frameMax;
    this.#heartbeatSeconds = heartbeat;
  }

  /** The handshake is over. Not before: amqplib takes a heartbeat in between for a mistake. */
  open(vhost: VirtualHost): void {
    this.#vhost = vhost;
    this.phase = 'running';
    this.#deadline?.cancel();
    this.#heartbeat = new Heartbeat({
      clock: this.services.clock,
      intervalMs: this.#heartbeatSeconds * 1_000,
      send: () => {
        this.out.append(HEARTBEAT);
        this.flushSoon();
      },
      // A paused socket is silent because we don't listen.
      lost: () => void (this.#isPaused || this.#socket.destroy()),
    });
  }

  /** Tells the client why, and gives it a moment to answer. */
  close(error: ProtocolError, culprit = NO_METHOD): void {
    if (this.phase === 'closing' || this.phase === 'closed') return;
    this.phase = 'closing';
    this.#releaseChannels();
    const { classId, methodId } = error.culprit ?? culprit;
    const { code: replyCode, message: replyText } = error;
    this.send(0, 'connection.close', { replyCode, replyText, classId, methodId });
    this.#limit(CLOSE_LIMIT_MS);
  }

  /** Sends what is pending and hangs up. */
  hangUp(): void {
    this.phase = 'closed';
    this.#writer.flush();
    this.#socket.end();
    this.#limit(CLOSE_LIMIT_MS);
  }

  #limit(limitMs: number): void {
    this.#deadline?.cancel();
    const end = (): void => void this.#socket.destroy();
    this.#deadline = this.services.clock.after(limitMs, end, { weak: true });
  }

  #receive(chunk: Buffer): void {
    this.#heartbeat?.received();
    const frames = this.phase === 'header' ? this.#greet(chunk) : chunk;
    if (frames.length === 0) return;
    try {
      this.#parser.push(frames, (frame) => this.#take(frame));
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.close(new ProtocolError('frame-error', error.message));
    }
    this.#settleConfirms();
  }

  /** Waits for the eight octets of the protocol header; answers what comes behind them. */
  #greet(chunk: Buffer): Buffer {
    const bytes = Buffer.concat([this.#greeting, chunk]);
    this.#greeting = bytes.subarray(0, PROTOCOL_HEADER.length);
    if (bytes.length < PROTOCOL_HEADER.length) return Buffer.alloc(0);
    if (this.#greeting.equals(PROTOCOL_HEADER)) {
      this.phase = 'starting';
      this.send(0, 'connection.start', START);
      return bytes.subarray(PROTOCOL_HEADER.length);
    }
    this.out.append(PROTOCOL_HEADER);
    this.hangUp();
    return Buffer.alloc(0);
  }

  /** Answers whether the next frame is wanted. */
  #take(frame: Frame): boolean {
    if (this.phase === 'closed') return false;
    if (frame.type === FRAME_HEARTBEAT) return true;
    const culprit = culpritOf(frame);
    try {
      if (frame.channel === 0) this.#takeConnectionFrame(frame);
      else this.#takeChannelFrame(frame);
    } catch (error) {
      this.#fail(frame, this.#asProtocolError(error, frame), culprit);
    }
    return true;
  }

  #takeConnectionFrame(frame: Frame): void {
    if (frame.type !== FRAME_METHOD) throw unknownFrame(frame);
    const name = readMethodName(frame.payload);
    if (this.phase === 'closing' && name !== 'connection.close-ok' && name !== 'connection.close') {
      return;
    }
    const handler = CONNECTION_METHODS[name];
    if (handler === undefined) {
      const text = `unexpected method in connection state ${this.phase}`;
      throw new ProtocolError('channel-error', text);
    }
    handler(this, readArguments(name, frame.payload) as never);
  }

  #takeChannelFrame(frame: Frame): void {
    if (this.phase !== 'running') return;
    const channel = this.#channels.get(frame.channel);
    if (channel === undefined) return this.#openChannel(frame);
    if (channel.isClosing) return this.#takeClosingFrame(channel, frame);
    if (channel.content.isWaiting || frame.type !== FRAME_METHOD) {
      return this.#takeContent(channel, frame);
    }
    if (frame.payload.length >= 4 && frame.payload.readInt32BE(0) === PUBLISH_ID) {
      return channel.content.begin(channel.publishes.decode(frame.payload));
    }
    this.#takeMethod(channel, frame);
  }

  #takeContent(channel: Channel, frame: Frame): void {
    if (frame.type > FRAME_BODY) throw unknownFrame(frame);
    const assembled = channel.content.add(frame);
    if (assembled === undefined) return;
    if (!this.#hasPublished) {
      this.#hasPublished = true;
      if (this.services.memory.isFull) this.#applyMemoryAlarm();
    }
    publish(channel, assembled);
  }

  #takeMethod(channel: Channel, { payload }: Frame): void {
    const name = readMethodName(payload);
    if (name === 'channel.close') {
      channel.release();
      this.#channels.delete(channel.number);
      return this.send(channel.number, 'channel.close-ok', {});
    }
    if (name === 'channel.open') {
      throw new ProtocolError('channel-error', "second 'channel.open' seen");
    }
    const handler = CHANNEL_METHODS[name];
    if (handler === undefined) throw new ProtocolError('command-invalid', 'unimplemented method');
    handler(channel, readArguments(name, payload) as never);
  }

  #openChannel(frame: Frame): void {
    if (frame.type === FRAME_HEADER || frame.type === FRAME_BODY) return;
    if (frame.type !== FRAME_METHOD) throw unknownFrame(frame);
    const name = readMethodName(frame.payload);
    if (name.startsWith('connection.')) {
      throw new ProtocolError('command-invalid', 'unimplemented method');
    }
    if (name !== 'channel.open') {
      throw new ProtocolError('channel-error', "expected 'channel.open'");
    }
    this.#channels.set(frame.channel, new Channel(frame.channel, this));
    this.send(frame.channel, 'channel.open-ok', { channelId: Buffer.alloc(0) });
  }

  /** After a channel error everything is dropped until the client has understood. */
  #takeClosingFrame(channel: Channel, { type, payload }: Frame): void {
    if (type !== FRAME_METHOD) return;
    const name = readMethodName(payload);
    if (name === 'channel.close-ok') this.#channels.delete(channel.number);
    if (name === 'channel.close') this.send(channel.number, 'channel.close-ok', {});
  }

  #asProtocolError(error: unknown, { payload }: Frame): ProtocolError {
    if (error instanceof ProtocolError) return error;
    if (error instanceof DecodeError) {
      const text = `cannot decode ${erlangBinary(payload.subarray(4))}`;
      return new ProtocolError('frame-error', text);
    }
    this.services.log.log('error', 'the broker failed on a method', { error: String(error) });
    return new ProtocolError('internal-error', 'the broker failed; its log says more');
  }

  #fail(frame: Frame, error: ProtocolError, culprit: typeof NO_METHOD): void {
    const channel = this.#channels.get(frame.channel);
    if (error.closes === 'connection' || channel === undefined) return this.close(error, culprit);
    channel.release();
    const { classId, methodId } = error.culprit ?? culprit;
    const { code: replyCode, message: replyText } = error;
    this.send(channel.number, 'channel.close', { replyCode, replyText, classId, methodId });
  }

  /** Confirms go out once per chunk of input, after the disk if anything had to go there. */
  #settleConfirms(): void {
    for (const channel of this.#confirming) {
      const last = channel.confirms?.last ?? 0;
      if (!this.services.store.hasPendingEntries) channel.sendConfirms(last);
      else this.services.store.afterCommit(() => channel.sendConfirms(last));
    }
    this.#confirming.clear();
  }

  #dispatch(): void {
    for (const channel of this.#channels.values()) channel.dispatch();
  }

  /** Publishers are not read from while the broker holds too much; those who asked are told. */
  #applyMemoryAlarm(): void {
    const { isFull } = this.services.memory;
    if (!this.#hasPublished || isFull === this.#isPaused || this.phase !== 'running') return;
    this.#isPaused = isFull;
    if (isFull) this.#socket.pause();
    else this.#socket.resume();
    if (!hasCapability(this.clientProperties, 'connection.blocked')) return;
    if (isFull) this.send(0, 'connection.blocked', { reason: 'low on memory' });
    else this.send(0, 'connection.unblocked', {});
  }

  #releaseChannels(): void {
    for (const channel of this.#channels.values()) channel.release();
    this.#channels.clear();
    this.#vhost?.deleteOwnedBy(this.identity);
  }

  #release(): void {
    this.phase = 'closed';
    this.#deadline?.cancel();
    this.#heartbeat?.stop();
    this.#stopWatchingMemory();
    this.#releaseChannels();
  }
}

function culpritOf({ type, payload }: Frame): typeof NO_METHOD {
  if (type === FRAME_BODY || type === FRAME_HEADER) return { classId: 60, methodId: 40 };
  if (type !== FRAME_METHOD || payload.length < 4) return NO_METHOD;
  return { classId: payload.readUInt16BE(0), methodId: payload.readUInt16BE(2) };
}

function readMethodName(payload: Buffer): MethodName {
  const reader = new ByteReader(payload);
  const [classId, methodId] = [reader.short(), reader.short()];
  const name = methodNamed(classId, methodId);
  if (name !== undefined) return name;
  throw new ProtocolError('not-implemented', `unknown method ${classId}.${methodId}`, {
    closes: 'connection',
  });
}

function readArguments<Name extends MethodName>(name: Name, payload: Buffer): MethodArgs<Name> {
  return decodeArguments(name, new ByteReader(payload, 4));
}

function unknownFrame({ type, payload }: Frame): ProtocolError {
  const text = `type ${type}, all octets = ${erlangBinary(payload)}: unknown_frame`;
  return new ProtocolError('frame-error', text, { culprit: NO_METHOD });
}
