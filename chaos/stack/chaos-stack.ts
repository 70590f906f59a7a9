/** A whole stack of real processes in a directory of its own, kept alive whatever kills them; gone afterwards. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { ClosingStack } from '../../src/kernel/closing.ts';
import { BugError } from '../../src/kernel/errors.ts';
import { liveClock as clock, liveIds } from '../../src/kernel/live.ts';
import { SERVICES } from '../../src/messaging/topology.ts';
import { planPorts } from '../../src/stack/ports/plan.ts';
import { KeptProcess } from './kept-process.ts';

const CLI = fileURLToPath(new URL('../../bin/wonderland.js', import.meta.url));
const OPEN_WITHIN_MS = 60_000;
const POLL_MS = 20;

/** Where everything of the stack is; what the load and the checks go to. */
export interface Place {
  readonly mediatorUrl: string;
  readonly amqpUrl: string;
  readonly databaseUrl: string;
  readonly namespace: string;
  /** SQLite files of the services. */
  readonly dataDir: string;
}

export interface ChaosStack extends AsyncDisposable {
  readonly place: Place;
  /** By name: `broker` and `postgres` where they are ours, then the services and the mediator. */
  readonly parts: ReadonlyMap<string, KeptProcess>;
}

/** A broker that somebody else runs, and how to be rid of what we leave there. */
export interface Servers {
  readonly amqpUrl?: string | undefined;
  readonly databaseUrl?: string | undefined;
}

export interface ChaosStackOptions {
  /** Servers to use instead of our own; queues and schemas get a namespace of their own. */
  readonly servers: Servers;
  /** Parts that are started in another way: mistakes planted on purpose. */
  readonly commands?: Readonly<Record<string, readonly [string, ...string[]]>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** The directory stays, for a person to look at. */
  readonly isKept?: boolean;
}

/** Resolves when the shop is open. */
export async function startChaosStack(options: ChaosStackOptions): Promise<ChaosStack> {
  await using opening = new ClosingStack();
  const folder = await mkdtemp(path.join(tmpdir(), 'wonderland-chaos-'));
  if (options.isKept !== true) {
    opening.defer(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  }
  const { place, ports } = await planPlace(options, folder);
  opening.defer(() => removeForeign(options.servers, place));
  const parts = new Map<string, KeptProcess>();
  const add = (name: string, words: readonly string[]): KeptProcess => {
    const part = new KeptProcess({
      name,
      command: options.commands?.[name] ?? [process.execPath, CLI, ...words],
      environment: {
        ...environmentOf(place, folder),
        WONDERLAND_HTTP_PORT: String(ports.http),
        ...options.environment,
      },
      logFile: path.join(folder, `${name}.log`),
    });
    parts.set(name, part);
    return opening.use(part);
  };
  const servers = Object.entries(SERVER_OF)
    .filter(([, variable]) => options.servers[variable] === undefined)
    .map(([name]) => add(name, [name]));
  await Promise.all(servers.map((each) => each.ready()));
  const services = [
    ...SERVICES.map((name) => add(name, ['service', name])),
    add('mediator', ['mediator']),
  ];
  await Promise.all(services.map((each) => each.ready()));
  await untilOpen(place.mediatorUrl);
  const closing = opening.move();
  return { place, parts, [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose]() };
}

const SERVER_OF = { broker: 'amqpUrl', postgres: 'databaseUrl' } as const;

async function planPlace(
  { servers: { amqpUrl, databaseUrl } }: ChaosStackOptions,
  folder: string,
): Promise<{ place: Place; ports: { http: number } }> {
  const ports = await planPorts('embedded', { auto: true });
  const password = liveIds.hex(12);
  const isForeign = amqpUrl !== undefined || databaseUrl !== undefined;
  const place = {
    mediatorUrl: `http://127.0.0.1:${ports.http}`,
    amqpUrl: amqpUrl ?? `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
    databaseUrl:
      databaseUrl ?? `postgres://wonderland:${password}@127.0.0.1:${ports.postgres}/wonderland`,
    namespace: isForeign ? `c${liveIds.hex(6)}` : '',
    dataDir: path.join(folder, 'data'),
  };
  return { place, ports };
}

/** Everything on purpose: what the user's shell holds must not reach the parts. */
function environmentOf(place: Place, folder: string): Record<string, string> {
  return {
    WONDERLAND_STACK: 'chaos',
    WONDERLAND_STATE_DIR: folder,
    WONDERLAND_DATA_DIR: place.dataDir,
    WONDERLAND_AMQP_URL: place.amqpUrl,
    WONDERLAND_DATABASE_URL: place.databaseUrl,
    WONDERLAND_NAMESPACE: place.namespace,
    WONDERLAND_FAULTS: '1',
    // Long enough to cancel an order before, short enough to wait for its end.
    WONDERLAND_SHIP_AFTER: '500ms',
  };
}

/** Our own servers go with the directory; on others' the namespace is removed. */
async function removeForeign({ amqpUrl, databaseUrl }: Servers, place: Place): Promise<void> {
  const { removeQueues, removeSchemas } = await import('./foreign-servers.ts');
  if (amqpUrl !== undefined) await removeQueues(place);
  if (databaseUrl !== undefined) await removeSchemas(place);
}

async function untilOpen(mediatorUrl: string): Promise<void> {
  const giveUpAt = clock.elapsed() + OPEN_WITHIN_MS;
  for (;;) {
    const isOpen = await fetch(`${mediatorUrl}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (isOpen) return;
    if (clock.elapsed() > giveUpAt) throw new BugError('the shop did not open');
    await clock.sleep(POLL_MS);
  }
}
