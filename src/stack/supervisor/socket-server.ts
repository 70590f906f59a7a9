/** The ear of a supervisor: a Unix socket that only its user may open. */
import { once } from 'node:events';
import { chmodSync, lstatSync, mkdirSync, rmdirSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';

import { messageOf, UserError, WonderlandError } from '../../kernel/errors.ts';
import type { StackFiles } from '../stack-files.ts';
import {
  LineSplitter,
  parseRequest,
  type SupervisorAnswer,
  type SupervisorRequest,
} from './protocol.ts';
import { performOnPart } from './part-verbs.ts';
import type { Supervisor } from './supervisor.ts';

const CONNECTION_LIMIT = 64;

/** Listens until disposed; then the socket and a directory made for it are gone. */
export async function openSocket(
  files: StackFiles,
  supervisor: Supervisor,
): Promise<AsyncDisposable> {
  prepare(files);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    serve(socket, supervisor);
  });
  server.maxConnections = CONNECTION_LIMIT;
  server.listen(files.socket);
  await once(server, 'listening');
  chmodSync(files.socket, 0o600);
  return { [Symbol.asyncDispose]: () => close(server, sockets, files) };
}

/** A path too long for a socket lies in the shared temporary directory: nobody else may have made it. */
function prepare(files: StackFiles): void {
  const directory = path.dirname(files.socket);
  if (directory !== files.directory) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(directory);
    if (uid !== process.getuid?.() || (mode & 0o077) !== 0) {
      throw new UserError('permission', `${directory} belongs to somebody else`, {
        hint: 'Remove it, or set WONDERLAND_STATE_DIR to a shorter path.',
      });
    }
  }
  rmSync(files.socket, { force: true });
}

async function close(
  server: Server,
  sockets: ReadonlySet<Socket>,
  files: StackFiles,
): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.end();
  setImmediate(() => {
    for (const socket of sockets) socket.destroySoon();
  });
  await closed;
  removeSocket(files);
}

/** Removes what a supervisor leaves when it is killed. */
export function removeSocket(files: StackFiles): void {
  rmSync(files.socket, { force: true });
  const directory = path.dirname(files.socket);
  if (directory === files.directory) return;
  try {
    rmdirSync(directory);
  } catch {
    // it was never made, or holds somebody else's files
  }
}

function serve(socket: Socket, supervisor: Supervisor): void {
  const splitter = new LineSplitter();
  const send = (answer: SupervisorAnswer): void => {
    if (socket.writable) socket.write(`${JSON.stringify(answer)}\n`);
  };
  socket.setEncoding('utf8');
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    try {
      for (const line of splitter.push(chunk)) void respond(line, { socket, supervisor, send });
    } catch {
      socket.destroy();
    }
  });
}

interface Conversation {
  readonly socket: Socket;
  readonly supervisor: Supervisor;
  readonly send: (answer: SupervisorAnswer) => void;
}

async function respond(line: string, { socket, supervisor, send }: Conversation): Promise<void> {
  const request = parseRequest(line);
  if (request === undefined) {
    send({ ok: false, error: { code: 'usage', message: 'This is not a request.' } });
  } else if (request.do === 'watch') {
    socket.on(
      'close',
      supervisor.watch((status) => send({ ok: true, status })),
    );
  } else {
    try {
      send(await perform(request, supervisor));
    } catch (error) {
      send({ ok: false, error: describe(error) });
    }
  }
}

function describe(error: unknown): { code: string; message: string; hint?: string } {
  if (!(error instanceof WonderlandError)) return { code: 'bug', message: messageOf(error) };
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return { code: error.code, message: error.message, ...hint };
}

async function perform(
  request: Exclude<SupervisorRequest, { do: 'watch' }>,
  supervisor: Supervisor,
): Promise<SupervisorAnswer> {
  switch (request.do) {
    case 'status':
      return {
        ok: true,
        status: request.probe === true ? await supervisor.inspect() : supervisor.status(),
      };
    case 'endpoints': {
      const { endpoints } = supervisor.status();
      return { ok: true, ...(endpoints === undefined ? {} : { endpoints }) };
    }
    case 'shutdown':
      await supervisor.stop();
      break;
    case 'scale':
      await supervisor.rescale(request);
      break;
    case 'heal':
      return { ok: true, healed: supervisor.heal(), status: supervisor.status() };
    case 'start':
    case 'stop':
    case 'restart':
    case 'kill':
    case 'pause':
    case 'resume':
      await performOnPart(supervisor, request);
      break;
  }
  return { ok: true, status: supervisor.status() };
}
