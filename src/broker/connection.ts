/** A client's connection: cuts its stream into frames, gives them to channels, and knows how to end. */
import type { Socket } from 'node:net';

import type { Timer } from '../kernel/clock.ts';
import { ChannelTable } from './channel-table.ts';
import type { Channel, ChannelHost } from './channel.ts';
import { EMPTY_TABLE, type FieldTable } from './codec/field-table.ts';
import {
  FRAME_HEARTBEAT,
  FRAME_METHOD,
  FrameError,
  frameOf,
  FrameParser,
  HEARTBEAT,
  PROTOCOL_HEADER,
  type Frame,
} from './codec/frames.ts';
import { encodeMethod } from './codec/method-codec.ts';
import type { MethodArgs, MethodName } from './codec/methods.ts';
import type { OutputBuffer } from './codec/output-buffer.ts';
import { ProtocolError } from './errors.ts';
import { CONNECTION_METHODS, type Phase, type Session } from './handlers/connection-methods.ts';
import { hasCapability, START, TUNING } from './handshake.ts';
import { Heartbeat } from './heartbeat.ts';
import {
  culpritOf,
  NO_METHOD,
  readArguments,
  readMethodName,
  toProtocolError,
  unknownFrame,
} from './method-frame.ts';
import type { Services } from './services.ts';
import { SocketWriter } from './socket-writer.ts';
import type { VirtualHost } from './vhost.ts';

/** A client that has not opened its connection by then is none. */
const HANDSHAKE_LIMIT_MS = 10_000;
/** How long a peer may take to answer connection.close. */
const CLOSE_LIMIT_MS = 2_000;

export class Connection implements ChannelHost, Session {
  readonly services: Services;
  readonly identity: object = this;
  user = '';
  clientProperties: FieldTable = EMPTY_TABLE;
  phase: Phase = 'header';
  frameMax: number = TUNING.frameMax;
  readonly #socket: Socket;
  readonly #writer: SocketWriter;
  readonly #parser = new FrameParser(TUNING.frameMax);
  readonly #channels = new ChannelTable(this);
  readonly #confirming = new Set<Channel>();
  readonly #stopWatching: readonly (() => void)[];
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
    this.#writer = new SocketWriter(socket, () => this.#channels.dispatch());
    const alarms = [services.memory, services.store];
    this.#stopWatching = alarms.map((alarm) => alarm.watch(() => this.#applyAlarms()));
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

  get out(): OutputBuffer {
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

  publishing(): void {
    if (this.#hasPublished) return;
    this.#hasPublished = true;
    this.#applyAlarms();
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
    // Somebody who has not greeted would not understand.
    if (this.phase === 'header') return this.hangUp();
    this.phase = 'closing';
    this.#releaseChannels();
    const { classId, methodId } = error.culprit ?? culprit;
    const { code: replyCode, message: replyText } = error;
    this.send(0, 'connection.close', { replyCode, replyText, classId, methodId });
    this.#limit(CLOSE_LIMIT_MS);
  }

  /** Sends what is pending and hangs up. Exclusive queues are gone before the client reads close-ok. */
  hangUp(): void {
    this.phase = 'closed';
    this.#releaseChannels();
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
      else if (this.phase === 'running') this.#channels.take(frame);
    } catch (error) {
      const answer = toProtocolError(error, frame);
      if (answer.code === 541) this.services.log.log('error', 'failed on a method', { error });
      const isOver = answer.closes === 'connection';
      if (isOver || !this.#channels.fail(frame.channel, answer, culprit)) {
        this.close(answer, culprit);
      }
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

  /** Confirms go out once per chunk of input, after the disk if anything had to go there. */
  #settleConfirms(): void {
    for (const channel of this.#confirming) {
      const last = channel.confirms?.last ?? 0;
      if (!this.services.store.hasPendingEntries) channel.sendConfirms(last, true);
      else this.services.store.afterCommit((isOnDisk) => channel.sendConfirms(last, isOnDisk));
    }
    this.#confirming.clear();
  }

  /** Publishers are not read from while the broker takes no more; those who asked are told. */
  #applyAlarms(): void {
    const { memory, store } = this.services;
    const isFull = memory.isFull || store.isStuck;
    if (!this.#hasPublished || isFull === this.#isPaused || this.phase !== 'running') return;
    this.#isPaused = isFull;
    if (isFull) this.#socket.pause();
    else this.#socket.resume();
    if (!hasCapability(this.clientProperties, 'connection.blocked')) return;
    const reason = memory.isFull ? 'low on memory' : 'low on disk';
    if (isFull) this.send(0, 'connection.blocked', { reason });
    else this.send(0, 'connection.unblocked', {});
  }

  #releaseChannels(): void {
    this.#channels.release();
    this.#vhost?.deleteOwnedBy(this.identity);
  }

  #release(): void {
    this.phase = 'closed';
    this.#deadline?.cancel();
    this.#heartbeat?.stop();
    for (const stop of this.#stopWatching) stop();
    this.#releaseChannels();
  }
}
