/** A proxy that makes queues look damaged: they count no messages, and who wants to consume them gets no answer. */
import { connect, createServer, type Socket } from 'node:net';

const FRAME_METHOD = 1;
const HEADER_BYTES = 7;
const PROTOCOL_BYTES = 8;
const QUEUE_DECLARE_OK = '50.11';
const BASIC_CONSUME = '60.20';

export interface SilencingProxy extends AsyncDisposable {
  readonly port: number;
  /** Which queues do not answer; asked at each request to consume one. */
  isSilent: (queue: string) => boolean;
}

/** Listens on a free port of 127.0.0.1, in front of a broker on `targetPort` there. Nothing is silent at first. */
export async function startSilencingProxy(targetPort: number): Promise<SilencingProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const broker = connect(targetPort, '127.0.0.1');
    for (const each of [client, broker]) {
      sockets.add(each);
      each.on('error', () => undefined);
      each.on('close', () => {
        sockets.delete(each);
        client.destroy();
        broker.destroy();
      });
    }
    pipe(client, broker, { skip: PROTOCOL_BYTES, passes: (frame) => proxy.passes(frame) });
    pipe(broker, client, { skip: 0, passes: (frame) => proxy.countsNothing(frame) });
  });
  const proxy = {
    port: 0,
    isSilent: (_queue: string) => false,
    passes: (frame: Buffer): boolean =>
      methodOf(frame) !== BASIC_CONSUME || !proxy.isSilent(textAt(frame, HEADER_BYTES + 6)),
    countsNothing: (frame: Buffer): boolean => {
      if (methodOf(frame) !== QUEUE_DECLARE_OK) return true;
      const queue = textAt(frame, HEADER_BYTES + 4);
      if (proxy.isSilent(queue)) frame.writeUInt32BE(0, HEADER_BYTES + 5 + queue.length);
      return true;
    },
    [Symbol.asyncDispose]: async () => {
      for (const each of sockets) each.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  proxy.port = typeof address === 'object' && address !== null ? address.port : 0;
  return proxy;
}

interface Piping {
  /** Bytes before the first frame. */
  readonly skip: number;
  readonly passes: (frame: Buffer) => boolean;
}

function pipe(from: Socket, to: Socket, { skip, passes }: Piping): void {
  let rest: Buffer = Buffer.alloc(0);
  let left = skip;
  from.on('data', (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    if (left > 0 && rest.length >= left) {
      to.write(rest.subarray(0, left));
      rest = rest.subarray(left);
      left = 0;
    }
    if (left > 0) return;
    while (rest.length >= HEADER_BYTES) {
      const size = HEADER_BYTES + rest.readUInt32BE(3) + 1;
      if (rest.length < size) return;
      const frame = Buffer.from(rest.subarray(0, size));
      rest = rest.subarray(size);
      if (passes(frame)) to.write(frame);
    }
  });
}

/** Class and method; empty for content and heartbeats. */
function methodOf(frame: Buffer): string {
  if (frame[0] !== FRAME_METHOD) return '';
  return `${frame.readUInt16BE(HEADER_BYTES)}.${frame.readUInt16BE(HEADER_BYTES + 2)}`;
}

function textAt(frame: Buffer, offset: number): string {
  return frame.toString('utf8', offset + 1, offset + 1 + (frame[offset] ?? 0));
}
