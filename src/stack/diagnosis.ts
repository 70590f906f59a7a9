/** Looks at everything that a stack needs of the machine, one check after the other, each with its fix. */
import { createRequire } from 'node:module';
import { constants } from 'node:fs';
import { access, mkdtemp, rm, statfs } from 'node:fs/promises';
import path from 'node:path';

import type { Settings } from '../config/settings.ts';
import { messageOf, WonderlandError } from '../kernel/errors.ts';
import { describeConflict, findConflicts, fixOf } from './ports/check.ts';
import { planPorts } from './ports/plan.ts';
import { findPostgresBinaries, installationOf } from './postgres/binaries.ts';
import { chooseLaunch } from './postgres/privilege.ts';
import { partNames } from './part-plan.ts';
import { readStatus } from './read-status.ts';
import { tryBroker, tryDatabase } from './server-access.ts';
import { filesOf } from './stack-files.ts';
import { portsOf, readRecord } from './stack-record.ts';
import type { Endpoints, StackStatus } from './stack-status.ts';

export interface Finding {
  readonly name: string;
  readonly outcome: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  readonly fix?: string;
}

/** Runs all checks; none of them starts or changes anything that stays. */
export async function diagnose(settings: Settings): Promise<readonly Finding[]> {
  const status = await readStatus({
    stateDir: settings.stateDir,
    name: settings.stack,
    probe: true,
  });
  const endpoints = reachable(settings, status);
  const machine = await Promise.all([
    check('node', checkNode),
    check('sqlite', checkSqlite),
    check('postgres programs', () => checkPostgres(settings)),
    check('state directory', () => checkStateDirectory(settings.stateDir)),
    check('disk', () => checkDisk(settings.stateDir)),
    check('ports', () => checkPorts(settings, status)),
    check('stack', () => checkStack(status)),
  ]);
  return endpoints === undefined ? machine : [...machine, ...(await diagnoseServers(endpoints))];
}

/** Do the servers of a stack answer? */
export function diagnoseServers(
  endpoints: Pick<Endpoints, 'amqpUrl' | 'databaseUrl'>,
): Promise<readonly Finding[]> {
  return Promise.all([
    check('broker', () => checkBroker(endpoints.amqpUrl)),
    check('database', () => checkDatabase(endpoints.databaseUrl)),
  ]);
}

type Verdict = Omit<Finding, 'name'>;

const fine = (detail: string): Verdict => ({ outcome: 'ok', detail });
const problem = (detail: string, fix: string): Verdict => ({ outcome: 'problem', detail, fix });

async function check(name: string, look: () => Verdict | Promise<Verdict>): Promise<Finding> {
  try {
    return { name, ...(await look()) };
  } catch (error) {
    const fix = error instanceof WonderlandError ? error.hint : undefined;
    return { name, outcome: 'problem', detail: messageOf(error), fix: fix ?? 'See the message.' };
  }
}

const LEAST_NODE = [20, 17] as const;

function checkNode(): Verdict {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const isNew = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]);
  if (isNew) return fine(`Node ${process.versions.node}`);
  return problem(
    `Node ${process.versions.node} is too old`,
    `Install Node ${LEAST_NODE.join('.')} or newer: https://nodejs.org`,
  );
}

function checkSqlite(): Verdict {
  try {
    const Database = createRequire(import.meta.url)('better-sqlite3') as new (file: string) => {
      close(): void;
    };
    new Database(':memory:').close();
    return fine('better-sqlite3 loads');
  } catch (error) {
    return problem(
      `better-sqlite3 does not load: ${messageOf(error).split('\n')[0]}`,
      'It was built for another Node: run `npm rebuild better-sqlite3`, or `npm ci`.',
    );
  }
}

/** Also: can it run as the user that we are, where the data lies? */
async function checkPostgres({ stateDir, stack }: Settings): Promise<Verdict> {
  const binaries = await findPostgresBinaries();
  const launch = await chooseLaunch({
    uid: process.getuid?.() ?? 1,
    probe: binaries.initdb,
    paths: [path.join(installationOf(binaries), 'bin'), filesOf(stateDir, stack).postgres],
  });
  return fine(`installed; runs as ${launch.as}`);
}

async function checkStateDirectory(stateDir: string): Promise<Verdict> {
  const existing = await nearest(stateDir);
  const fix = `Give yourself access to ${existing}, or set WONDERLAND_STATE_DIR to a directory that you may write.`;
  try {
    await access(existing, constants.W_OK | constants.X_OK);
    if (existing === stateDir)
      await rm(await mkdtemp(path.join(stateDir, 'doctor-')), { recursive: true });
    return fine(stateDir);
  } catch (error) {
    return problem(messageOf(error), fix);
  }
}

const LEAST_FREE_BYTES = 300 * 1024 * 1024;

async function checkDisk(stateDir: string): Promise<Verdict> {
  const { bavail, bsize } = await statfs(await nearest(stateDir));
  const free = bavail * bsize;
  const text = `${Math.round(free / 1024 / 1024)} MiB free`;
  if (free >= LEAST_FREE_BYTES) return fine(text);
  return problem(text, 'Free at least 300 MiB, or set WONDERLAND_STATE_DIR to another disk.');
}

/** The directory itself, or the nearest one above that exists. */
async function nearest(directory: string): Promise<string> {
  try {
    await access(directory);
    return directory;
  } catch {
    const parent = path.dirname(directory);
    return parent === directory ? directory : nearest(parent);
  }
}

async function checkPorts(settings: Settings, status: StackStatus): Promise<Verdict> {
  const stored = readRecord(filesOf(settings.stateDir, settings.stack));
  const engine = stored?.engine ?? 'embedded';
  const ports = await planPorts(engine, { stored: stored?.ports });
  const list = portsOf(ports)
    .map(({ port }) => port)
    .join(', ');
  if (status.state !== 'stopped' && status.state !== 'crashed')
    return fine(`${list}: held by this stack`);
  const conflicts = await findConflicts(ports, partNames(engine));
  if (conflicts.length === 0) return fine(`${list} are free`);
  return problem(conflicts.map(describeConflict).join('\n'), fixOf(conflicts));
}

function checkStack(status: StackStatus): Verdict {
  const { state, parts, probeError } = status;
  if (state === 'crashed') {
    return problem('the supervisor died', 'Start it again with `wonderland up`; its data is kept.');
  }
  if (state === 'stopped') return fine('not running');
  const late = parts
    .filter((part) => part.state !== 'ready')
    .map((part) => `${part.name} ${part.state}`);
  if (late.length === 0 && probeError === undefined)
    return fine(`${state}, ${parts.length} parts ready`);
  return problem(
    [...late, ...(probeError === undefined ? [] : [probeError])].join('; '),
    'Look at `wonderland logs --level warn`, or `wonderland restart <part>`.',
  );
}

/** Servers to look at: those of the running stack, else those that the environment names. */
function reachable(
  settings: Settings,
  status: StackStatus,
): Pick<Endpoints, 'amqpUrl' | 'databaseUrl'> | undefined {
  if (status.state === 'running' || status.state === 'starting') return status.endpoints;
  const { amqpUrl, databaseUrl } = settings;
  return amqpUrl === undefined || databaseUrl === undefined ? undefined : { amqpUrl, databaseUrl };
}

async function checkBroker(url: string): Promise<Verdict> {
  await tryBroker(url);
  return fine(`${new URL(url).host} answers`);
}

async function checkDatabase(url: string): Promise<Verdict> {
  await tryDatabase(url);
  return fine(`${new URL(url).host} answers`);
}
