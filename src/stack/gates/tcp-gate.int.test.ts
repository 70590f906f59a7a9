import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock as clock } from '../../kernel/live.ts';
import { TcpGate } from './tcp-gate.ts';

let closing = new ClosingStack();
afterEach(async () => {
  await closing[Symbol.asyncDispose]();
  closing = new ClosingStack();
});

/** Longer than any test. */
const AGES_MS = 500_000;
const ABRUPTLY = { abruptly: true };
const GENTLY = { abruptly: false };

/** A server that says everything back, behind a gate. */
async function gatedEcho(): Promise<{ gate: TcpGate; sessions: ReadonlySet<Socket> }> {
  const sessions = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sessions.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sessions.delete(socket));
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.defer(() => {
    server.close();
    for (const socket of sessions) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const upstream = { host: '127.0.0.1', port };
  const gate = closing.use(await TcpGate.open({ upstream, name: 'broker', clock }));
  return { gate, sessions };
}

interface Client {
  readonly socket: Socket;
  /** Everything said back so far. */
  readonly heard: () => string;
  /** Resolves with the error code, or undefined after a plain end. */
  readonly closed: Promise<string | undefined>;
}

async function through({ port }: TcpGate): Promise<Client> {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8');
  closing.defer(() => socket.destroy());
  let text = '';
  let code: string | undefined;
  socket.on('data', (chunk: string) => (text += chunk));
  socket.on('error', (error: NodeJS.ErrnoException) => (code = error.code));
  const closed = new Promise<string | undefined>((resolve) => {
    socket.on('close', () => resolve(code));
  });
  await once(socket, 'connect');
  return { socket, heard: () => text, closed };
}

const refusal = async (gate: TcpGate): Promise<unknown> =>
  through(gate).catch((error: unknown) => (error as NodeJS.ErrnoException).code);

describe('an open gate', () => {
  it('passes on megabytes both ways, unchanged, and the end of the stream after the last byte', async () => {
    const { gate } = await gatedEcho();
    const { socket, heard, closed } = await through(gate);
    const sent = Array.from({ length: 400_000 }, (_, index) => `${index};`).join('');
    socket.end(sent);
    expect(await closed).toBeUndefined();
    expect(heard()).toHaveLength(sent.length);
    expect(heard() === sent).toBe(true);
  });

  it('tells each side when the other one is gone', async () => {
    const { gate, sessions } = await gatedEcho();
    const first = await through(gate);
    const second = await through(gate);
    await expect.poll(() => sessions.size).toBe(2);
    first.socket.destroy();
    await expect.poll(() => sessions.size).toBe(1);
    for (const session of sessions) session.destroy();
    await second.closed;
  });

  it('closes the connection when nobody listens behind it', async () => {
    const upstream = { host: '127.0.0.1', port: 1 };
    const gate = closing.use(await TcpGate.open({ upstream, name: 'broker', clock }));
    const { closed } = await through(gate);
    expect(await closed).toBeUndefined();
  });
});

describe('a gate that is shut', () => {
  it('resets connections as a crash does, refuses new ones, and opens by itself on the same port', async () => {
    const { gate, sessions } = await gatedEcho();
    const { closed, socket, heard } = await through(gate);
    socket.write('hello');
    await expect.poll(heard).toBe('hello');
    const begin = clock.elapsed();
    gate.shut(300, ABRUPTLY);
    expect(await closed).toBe('ECONNRESET');
    expect(await refusal(gate)).toBe('ECONNREFUSED');
    await expect.poll(() => sessions.size).toBe(0);
    await expect.poll(() => gate.state).toBe('open');
    expect(clock.elapsed() - begin).toBeGreaterThan(299);
    const again = await through(gate);
    again.socket.write('again');
    await expect.poll(again.heard).toBe('again');
  });

  it('ends connections in good order at a restart', async () => {
    const { gate } = await gatedEcho();
    const { closed } = await through(gate);
    gate.shut(AGES_MS, GENTLY);
    expect(await closed).toBeUndefined();
  });

  it('is open at once when it is healed, and can be shut again', async () => {
    const { gate } = await gatedEcho();
    gate.shut(AGES_MS, ABRUPTLY);
    await gate.heal();
    await through(gate);
    gate.shut(AGES_MS, ABRUPTLY);
    const healed = gate.heal();
    gate.shut(100, ABRUPTLY);
    await healed;
    expect(gate.state).toBe('shut');
    await expect.poll(() => gate.state).toBe('open');
    await through(gate);
  });

  it('stays shut until the later end, and cannot hang meanwhile', async () => {
    const { gate } = await gatedEcho();
    gate.shut(AGES_MS, ABRUPTLY);
    gate.shut(1, ABRUPTLY);
    await clock.sleep(50); // nothing tells that it has not opened
    expect(await refusal(gate)).toBe('ECONNREFUSED');
    expect(() => gate.freeze(5)).toThrow('The broker is cut off');
  });

  it('takes its port back as soon as whoever took it is gone', async () => {
    const { gate } = await gatedEcho();
    gate.shut(AGES_MS, ABRUPTLY);
    const thief = createServer().listen(gate.port, '127.0.0.1');
    await once(thief, 'listening');
    const healed = gate.heal();
    await clock.sleep(120); // it tries more than once
    expect(gate.state).toBe('shut');
    thief.close();
    await healed;
    await through(gate);
  });
});

describe('a gate that is frozen', () => {
  it('keeps its connections and takes new ones, but nothing flows; then everything does, in order', async () => {
    const { gate, sessions } = await gatedEcho();
    const old = await through(gate);
    old.socket.write('1');
    await expect.poll(old.heard).toBe('1');
    gate.freeze(300);
    old.socket.write('2');
    for (const session of sessions) session.write('news');
    const late = await through(gate);
    late.socket.write('late');
    await clock.sleep(100); // nothing tells that nothing comes
    expect([old.heard(), late.heard(), gate.state]).toEqual(['1', '', 'frozen']);
    await expect.poll(() => gate.state).toBe('open');
    old.socket.write('3');
    await expect.poll(old.heard).toBe('1news23');
    await expect.poll(late.heard).toBe('late');
  });

  it('flows again at once when it is healed; shut meanwhile, its connections are dropped', async () => {
    const { gate } = await gatedEcho();
    const { socket, heard, closed } = await through(gate);
    gate.freeze(AGES_MS);
    socket.write('x');
    await gate.heal();
    await expect.poll(heard).toBe('x');
    gate.freeze(AGES_MS);
    gate.shut(AGES_MS, ABRUPTLY);
    expect(await closed).toBe('ECONNRESET');
  });
});

it('a gate that is disposed while it is shut or frozen leaves nothing', async () => {
  for (const trouble of ['shut', 'freeze'] as const) {
    const { gate, sessions } = await gatedEcho();
    const { closed } = await through(gate);
    await expect.poll(() => sessions.size).toBe(1);
    if (trouble === 'shut') gate.shut(AGES_MS, ABRUPTLY);
    else gate.freeze(AGES_MS);
    await gate[Symbol.asyncDispose]();
    await closed;
    await gate.heal();
    expect(await refusal(gate)).toBe('ECONNREFUSED');
    await expect.poll(() => sessions.size).toBe(0);
  }
});
