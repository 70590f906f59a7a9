/** An AMQP client that does exactly what a test says, mistakes included, and tells what came back as text. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import { ByteReader } from '../../src/broker/codec/byte-reader.ts';
import { EMPTY_TABLE, type FieldTable } from '../../src/broker/codec/field-table.ts';
import {
  FRAME_BODY,
  FRAME_HEADER,
  FRAME_HEARTBEAT,
  FRAME_METHOD,
  frameOf,
  FrameParser,
  PROTOCOL_HEADER,
  type Frame,
} from '../../src/broker/codec/frames.ts';
import { decodeArguments, encodeMethod } from '../../src/broker/codec/method-codec.ts';
import {
  methodNamed,
  METHODS,
  type ArgumentType,
  type MethodArgs,
  type MethodName,
} from '../../src/broker/codec/methods.ts';
import {
  readHeaderStart,
  encodeHeader,
  type Properties,
} from '../../src/broker/codec/properties.ts';

const ZERO: Readonly<Record<ArgumentType, unknown>> = {
  octet: 0,
  short: 0,
  long: 0,
  longlong: 0,
  bit: false,
  shortstr: '',
  longstr: Buffer.alloc(0),
  table: EMPTY_TABLE,
};

/** How long an answer may take before the test is told that there was none. */
const ANSWER_LIMIT_MS = 5_000;

export interface RawOptions {
  /** Frame size to agree on; default 131072. */
  readonly frameMax?: number;
  readonly channelMax?: number;
  readonly heartbeat?: number;
  readonly clientProperties?: FieldTable;
  readonly vhost?: string;
}

export interface RawPublish {
  readonly exchange?: string;
  readonly routingKey: string;
  readonly mandatory?: boolean;
  readonly immediate?: boolean;
  readonly properties?: Properties;
  readonly body?: string | Buffer;
}

export class RawClient implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #parser = new FrameParser(0);
  readonly #frames: Frame[] = [];
  #wake: () => void = () => undefined;
  #isClosed = false;
  /** The protocol header with which a server says what it would rather hear. */
  refusal: Buffer | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      if (chunk.subarray(0, 4).equals(PROTOCOL_HEADER.subarray(0, 4))) {
        this.refusal = chunk;
        return;
      }
      this.#parser.push(chunk, (frame) => this.#frames.push(frame) > 0);
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  /** A socket without a handshake. */
  static async dial(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port || 5672) });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Logged in, virtual host open, channel 1 open. */
  static async open(url: string, options: RawOptions = {}): Promise<RawClient> {
    const client = await RawClient.dial(url);
    const answer = await client.shakeHands(url, options);
    if (answer !== 'connection.open-ok knownHosts=') throw new Error(`not open: ${answer}`);
    await client.ask('channel.open');
    return client;
  }

  /** Answers with what connection.open got. */
  async shakeHands(url: string, options: RawOptions): Promise<string> {
    const { username, password } = new URL(url);
    this.sendBytes(PROTOCOL_HEADER);
    await this.next();
    const response = Buffer.from(`\0${username}\0${password}`);
    const { clientProperties = EMPTY_TABLE } = options;
    this.send(
      'connection.start-ok',
      { mechanism: 'PLAIN', response, locale: 'en_US', clientProperties },
      0,
    );
    const tune = await this.next();
    if (!tune.startsWith('connection.tune ')) return tune;
    const { frameMax = 131_072, channelMax = 2_047, heartbeat = 0 } = options;
    this.send('connection.tune-ok', { frameMax, channelMax, heartbeat }, 0);
    this.send('connection.open', { virtualHost: options.vhost ?? '/' }, 0);
    return this.next();
  }

  /** Sends a method; arguments that are not given are zero, empty or false. */
  send<Name extends MethodName>(
    name: Name,
    args: Partial<MethodArgs<Name>> = {},
    channel = 1,
  ): void {
    const zeros = Object.entries(METHODS[name].args).map(([key, type]) => [key, ZERO[type]]);
    const all = { ...Object.fromEntries(zeros), ...args } as MethodArgs<Name>;
    this.sendFrame(FRAME_METHOD, encodeMethod(name, all), channel);
  }

  /** Sends a method and answers with the next thing that comes. */
  ask<Name extends MethodName>(
    name: Name,
    args: Partial<MethodArgs<Name>> = {},
    channel = 1,
  ): Promise<string> {
    this.send(name, args, channel);
    return this.next();
  }

  publish({ properties = {}, body = 'hello', ...method }: RawPublish, channel = 1): void {
    const bytes = Buffer.from(body);
    this.send('basic.publish', method, channel);
    this.sendFrame(FRAME_HEADER, encodeHeader(properties, bytes.length), channel);
    if (bytes.length > 0) this.sendFrame(FRAME_BODY, bytes, channel);
  }

  sendFrame(type: number, payload: Buffer, channel = 1): void {
    this.sendBytes(frameOf(type, channel, payload));
  }

  sendBytes(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /** Plays a client that is too busy to read. */
  stopReading(): void {
    this.#socket.pause();
  }

  resumeReading(): void {
    this.#socket.resume();
  }

  /** The next frame that is no heartbeat, as text; `socket closed` when there is none any more. */
  async next(): Promise<string> {
    const frame = await this.nextFrame();
    return frame === undefined ? 'socket closed' : describeFrame(frame);
  }

  /** The next frame that is no heartbeat; undefined when the socket was closed. */
  async nextFrame(): Promise<Frame | undefined> {
    const timeout = AbortSignal.timeout(ANSWER_LIMIT_MS);
    timeout.addEventListener('abort', () => this.#wake());
    for (;;) {
      const frame = this.#frames.shift();
      if (frame !== undefined && frame.type !== FRAME_HEARTBEAT) return frame;
      if (frame !== undefined) continue;
      if (this.#isClosed) return undefined;
      if (timeout.aborted) throw new Error('no answer in time');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** Everything that comes before the answer to a harmless question on the same channel. */
  async drain(channel = 1): Promise<readonly string[]> {
    const seen: string[] = [];
    this.send('basic.qos', {}, channel);
    for (;;) {
      const text = await this.next();
      if (text === 'basic.qos-ok') return seen;
      seen.push(text);
      if (text === 'socket closed' || text.includes('.close ')) return seen;
    }
  }

  /** Heartbeats that came and were not read. */
  get heartbeats(): number {
    return this.#frames.filter(({ type }) => type === FRAME_HEARTBEAT).length;
  }

  /** Resolves when the server has closed the socket. */
  async closed(): Promise<void> {
    while (!this.#isClosed) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed();
  }
}

/** `queue.declare-ok queue=q messageCount=0 consumerCount=0`; closes as `channel.close 404 50.10 text`. */
function describeFrame({ type, payload }: Frame): string {
  if (type === FRAME_HEADER) return `header ${readHeaderStart(payload).bodySize}`;
  if (type === FRAME_BODY)
    return `body ${payload.length > 40 ? payload.length : payload.toString()}`;
  const reader = new ByteReader(payload);
  const name = methodNamed(reader.short(), reader.short());
  if (name === undefined) return 'unknown method';
  const args = decodeArguments(name, reader);
  if (name === 'connection.close' || name === 'channel.close') {
    const { replyCode, replyText, classId, methodId } = args as MethodArgs<typeof name>;
    return `${name} ${replyCode} ${classId}.${methodId} ${replyText}`;
  }
  const shown = Object.entries(args).map(([key, value]) => `${key}=${show(value)}`);
  return [name, ...shown].join(' ');
}

function show(value: unknown): string {
  return value instanceof Map ? '{}' : String(value);
}
