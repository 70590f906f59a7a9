/** The embedded AMQP 0-9-1 broker: a TCP server in front of virtual hosts, with or without a data file. */
import { createServer, type AddressInfo, type Server } from 'node:net';

import type { Clock } from '../kernel/clock.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { messageOf, UserError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { liveIds } from '../kernel/live.ts';
import { silentLogger, type Logger } from '../kernel/logger.ts';
import { Connection } from './connection.ts';
import { ProtocolError } from './errors.ts';
import { MemoryGauge } from './memory-gauge.ts';
import { ReplyAddresses } from './reply-addresses.ts';
import type { Services } from './services.ts';
import { SqliteStore } from './sqlite-store.ts';
import { memoryStore, type Store } from './store.ts';
import { VirtualHost } from './vhost.ts';

export interface BrokerOptions {
  /** Default 127.0.0.1. */
  readonly host?: string | undefined;
  /** 0 = any free port. */
  readonly port: number;
  /** Where durable things are kept; absent = nothing outlives the process. */
  readonly dataFile?: string | undefined;
  /** Passwords by user name; default guest/guest. */
  readonly users?: Readonly<Record<string, string>> | undefined;
  /** Further virtual hosts beside `/`. */
  readonly vhosts?: readonly string[] | undefined;
  /** Bytes of messages above which publishers have to wait; default 512 MiB. */
  readonly memoryLimitBytes?: number | undefined;
  readonly clock: Clock;
  /** Source of server-given names and reply addresses; default the live one. */
  readonly ids?: Ids | undefined;
  readonly log?: Logger | undefined;
}

/** A queue as tools see it. */
export interface QueueInfo {
  readonly vhost: string;
  readonly name: string;
  /** Messages that wait. */
  readonly ready: number;
  /** Messages delivered and not settled. */
  readonly unacked: number;
  readonly consumers: number;
}

export interface Broker extends AsyncDisposable {
  readonly port: number;
  /** With the first user's name and password, for virtual host `/`. */
  readonly url: string;
  queues(): readonly QueueInfo[];
}

const DEFAULT_USERS = { guest: 'guest' };
const DEFAULT_MEMORY_LIMIT_BYTES = 512 * 1024 * 1024;
/** Clients beyond this are not accepted. */
const MAX_CONNECTIONS = 10_000;

/**
 * Answers once clients can connect. Disposing tells every client (320), waits for them briefly, and
 * leaves the data file clean.
 * @throws UserError when the port or the data file is taken
 */
export async function startBroker(options: BrokerOptions): Promise<Broker> {
  await using closing = new ClosingStack();
  const store: Store =
    options.dataFile === undefined
      ? memoryStore
      : new SqliteStore(options.dataFile, options.clock, options.log);
  closing.defer(() => store.close());
  const services = createServices(options, store);
  restoreEntries(services);

  const connections = new Set<Connection>();
  const server = createServer((socket) => {
    const connection = new Connection(socket, services);
    connections.add(connection);
    socket.on('close', () => connections.delete(connection));
  });
  server.maxConnections = MAX_CONNECTIONS;
  const host = options.host ?? '127.0.0.1';
  await listen(server, host, options.port);
  // A connection that cannot be accepted (too many open files) must not end the others.
  server.on('error', (error) => services.log.log('warn', `not accepted: ${error.message}`));
  closing.defer(() => stop(server, connections));

  const { port } = server.address() as AddressInfo;
  const opened = closing.move();
  return {
    port,
    url: urlOf(options.users ?? DEFAULT_USERS, host, port),
    queues: () => [...services.vhosts.values()].flatMap(describeQueues),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

function createServices(options: BrokerOptions, store: Store): Services {
  const { clock } = options;
  const passwords = new Map(Object.entries(options.users ?? DEFAULT_USERS));
  const memory = new MemoryGauge(options.memoryLimitBytes ?? DEFAULT_MEMORY_LIMIT_BYTES);
  const names = new Set(['/', ...(options.vhosts ?? [])]);
  return {
    clock,
    store,
    memory,
    ids: options.ids ?? liveIds,
    log: options.log ?? silentLogger,
    replies: new ReplyAddresses(),
    vhosts: new Map(
      [...names].map((name) => [name, new VirtualHost({ name, clock, store, memory })]),
    ),
    authenticate: (user, password) => passwords.get(user) === password,
  };
}

/** Messages of virtual hosts that are no longer configured stay on disk, untouched. */
function restoreEntries({ store, vhosts }: Services): void {
  const stored = [...vhosts.values()].flatMap((vhost) =>
    [...vhost.queues].map((queue) => [queue.row, { vhost, queue }] as const),
  );
  const byRow = new Map(stored);
  for (const entry of store.readEntries()) {
    const home = byRow.get(entry.queueRow);
    home?.vhost.restore(entry, home.queue);
  }
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const code = error.code === 'EADDRINUSE' ? 'port-taken' : 'environment';
      const text = `the broker cannot listen on ${host}:${port}: ${messageOf(error)}`;
      reject(new UserError(code, text, { cause: error }));
    };
    server.once('error', fail);
    server.listen(port, host, () => {
      server.off('error', fail);
      resolve();
    });
  });
}

/** Each connection ends at the latest when its own limit for close-ok has passed. */
function stop(server: Server, connections: ReadonlySet<Connection>): Promise<void> {
  const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
  const reason = "broker forced connection closure with reason 'shutdown'";
  for (const connection of connections) {
    connection.close(new ProtocolError('connection-forced', reason));
  }
  return stopped;
}

function urlOf(users: Readonly<Record<string, string>>, host: string, port: number): string {
  const [user = '', password = ''] = Object.entries(users)[0] ?? [];
  return `amqp://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}`;
}

function describeQueues(vhost: VirtualHost): readonly QueueInfo[] {
  return [...vhost.queues].map((queue) => ({
    vhost: vhost.name,
    name: queue.name,
    ready: queue.readyCount,
    unacked: queue.unackedCount,
    consumers: queue.consumerCount,
  }));
}
