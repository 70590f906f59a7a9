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
import { KeptProcess, type ProcessSpec } from './kept-process.ts';

const CLI = fileURLToPath(new URL('../../bin/wonderland.js', import.meta.url));
const OPEN_WITHIN_MS = 60_000;
const POLL_MS = 20;

/** Where everything of the stack is; what the load and the checks go to. */
export interface Place {
  /** Any of them takes any order. */
  readonly mediatorUrls: readonly string[];
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
  /** Two of each part that keeps its data in PostgreSQL; inventory and payment do then. */
  readonly isDoubled?: boolean | undefined;
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
  const place = await planPlace(options, folder);
  opening.defer(() => removeForeign(options.servers, place));
  const parts = new Map<string, KeptProcess>();
  const start = async (names: readonly string[]): Promise<void> => {
    const started = names.map((name) => new KeptProcess(specOf(name, options, { place, folder })));
    opening.defer(() => Promise.all(started.map((each) => each[Symbol.asyncDispose]())));
    for (const each of started) parts.set(each.spec.name, each);
    await Promise.all(started.map((each) => each.ready()));
  };
  await start(serversOf(options));
  await start(servicesOf(options));
  for (const url of place.mediatorUrls) await untilOpen(url);
  const closing = opening.move();
  return { place, parts, [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose]() };
}

const SERVER_OF = { broker: 'amqpUrl', postgres: 'databaseUrl' } as const;
/** Parts of which there can be several. */
const DOUBLED: readonly string[] = ['mediator', 'inventory', 'payment', 'customer'];

function serversOf({ servers }: ChaosStackOptions): readonly string[] {
  return Object.entries(SERVER_OF)
    .filter(([, variable]) => servers[variable] === undefined)
    .map(([name]) => name);
}

/** `inventory`, and `inventory-2` where there are two. */
function servicesOf({ isDoubled }: ChaosStackOptions): readonly string[] {
  const names = [...SERVICES, 'mediator'];
  const second = names.filter((name) => DOUBLED.includes(name)).map((name) => `${name}-2`);
  return isDoubled === true ? [...names, ...second] : names;
}

function specOf(
  name: string,
  { commands, environment, isDoubled }: ChaosStackOptions,
  { place, folder }: { readonly place: Place; readonly folder: string },
): ProcessSpec {
  const [service = name, number = '1'] = name.split('-');
  const words = SERVICES.some((each) => each === service) ? ['service', service] : [service];
  const url = place.mediatorUrls[Number(number) - 1] ?? place.mediatorUrls[0] ?? '';
  return {
    name,
    command: commands?.[name] ?? [process.execPath, CLI, ...words],
    environment: {
      ...environmentOf(place, folder),
      WONDERLAND_HTTP_PORT: new URL(url).port,
      WONDERLAND_PART: name,
      ...(isDoubled === true && {
        WONDERLAND_INVENTORY_URL: place.databaseUrl,
        WONDERLAND_PAYMENT_URL: place.databaseUrl,
      }),
      ...environment,
    },
    logFile: path.join(folder, `${name}.log`),
  };
}

async function planPlace(
  { servers: { amqpUrl, databaseUrl }, isDoubled }: ChaosStackOptions,
  folder: string,
): Promise<Place> {
  const ports = await planPorts('embedded', { auto: true });
  const second = await planPorts('external', { auto: true });
  const password = liveIds.hex(12);
  const isForeign = amqpUrl !== undefined || databaseUrl !== undefined;
  return {
    mediatorUrls: (isDoubled === true ? [ports.http, second.http] : [ports.http]).map(
      (port) => `http://127.0.0.1:${port}`,
    ),
    amqpUrl: amqpUrl ?? `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
    databaseUrl:
      databaseUrl ?? `postgres://wonderland:${password}@127.0.0.1:${ports.postgres}/wonderland`,
    namespace: isForeign ? `c${liveIds.hex(6)}` : '',
    dataDir: path.join(folder, 'data'),
  };
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
