/** Gates before the broker and the database of somebody else, so that a scenario can cut one stack off from them. */
import type { Clock } from '../../kernel/clock.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import type { Endpoints } from '../stack-status.ts';
import { TcpGate } from './tcp-gate.ts';

type Servers = Pick<Endpoints, 'amqpUrl' | 'databaseUrl'>;

export interface ServerGates extends AsyncDisposable {
  /** The same servers through their gates. */
  readonly urls: Servers;
  /** Absent where no gate can stand: see `isGateable`. */
  readonly broker: TcpGate | undefined;
  readonly database: TcpGate | undefined;
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'amqp:': 5672,
  'postgres:': 5432,
  'postgresql:': 5432,
};

/** Opens one before each server. Disposing closes them; the servers notice no more than lost connections. */
export async function openServerGates(servers: Servers, clock: Clock): Promise<ServerGates> {
  const closing = new ClosingStack();
  try {
    const open = async (name: string, text: string): Promise<Gated> => {
      const gated = await gate(name, text, clock);
      if (gated.gate !== undefined) closing.use(gated.gate);
      return gated;
    };
    const broker = await open('broker', servers.amqpUrl);
    const database = await open('database', servers.databaseUrl);
    return {
      urls: { amqpUrl: broker.url, databaseUrl: database.url },
      broker: broker.gate,
      database: database.gate,
      [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
    };
  } catch (error) {
    await closing[Symbol.asyncDispose]();
    throw error;
  }
}

interface Gated {
  readonly gate: TcpGate | undefined;
  readonly url: string;
}

async function gate(name: string, text: string, clock: Clock): Promise<Gated> {
  const url = new URL(text);
  if (!isGateable(url)) return { gate: undefined, url: text };
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(url.port) || (DEFAULT_PORTS[url.protocol] ?? 0);
  const opened = await TcpGate.open({ upstream: { host, port }, name, clock });
  url.hostname = '127.0.0.1';
  url.port = String(opened.port);
  return { gate: opened, url: url.href };
}

/** TLS names the server it talks to, which a gate is not; and a Unix socket has no port. */
function isGateable({ protocol, hostname, searchParams }: URL): boolean {
  const isPlain = ['sslmode', 'ssl'].every((key) =>
    [null, 'disable', 'false', '0'].includes(searchParams.get(key)),
  );
  return protocol in DEFAULT_PORTS && hostname !== '' && isPlain && !searchParams.has('host');
}
