/** Which parts a stack has, how each is started, and what it finds in its environment. */
import { fileURLToPath } from 'node:url';

import { UserError } from '../kernel/errors.ts';
import { suggest } from '../kernel/suggestion.ts';
import {
  APP_PARTS,
  checkScale,
  instancesOf,
  numberOf,
  serviceOf,
  type Scale,
} from './instances.ts';
import type { StackRecord } from './stack-record.ts';
import type { Engine } from './stack-status.ts';
import type { PartSpec } from './supervisor/part-process.ts';

/** Servers that an embedded stack brings along. */
const SERVERS = ['broker', 'postgres'] as const;
const CLI = fileURLToPath(new URL('../../bin/wonderland.js', import.meta.url));

/** All part names of an engine, in the order in which people read them. */
export function partNames(engine: Engine): readonly string[] {
  return engine === 'embedded' ? [...SERVERS, ...APP_PARTS] : APP_PARTS;
}

export interface PartChoice {
  readonly only?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
  /** How many of each; one of those that it does not name. */
  readonly scale?: Scale | undefined;
}

/**
 * Applies `--only`, `--except` and `--scale`: the names of all instances. The servers stay: nothing runs
 * without them.
 * @throws UserError `usage`
 */
export function chooseParts(engine: Engine, choice: PartChoice): readonly string[] {
  const { scale = {} } = choice;
  const services = chooseServices(engine, choice);
  checkScale(scale);
  const absent = Object.keys(scale).find((name) => !services.includes(name));
  if (absent === undefined) return instancesOf(services, scale);
  throw new UserError('usage', `--scale asks for ${absent}, which --only or --except leaves out`);
}

function chooseServices(engine: Engine, { only, except }: PartChoice): readonly string[] {
  const known: readonly string[] = APP_PARTS;
  for (const name of [...(only ?? []), ...(except ?? [])]) {
    if (known.includes(name)) continue;
    throw new UserError('usage', `There is no part "${name}"`, {
      hint: suggest(name, known) ?? `The parts are: ${known.join(', ')}.`,
    });
  }
  return partNames(engine).filter(
    (name) =>
      !known.includes(name) || ((only?.includes(name) ?? true) && except?.includes(name) !== true),
  );
}

export interface PlanOptions {
  readonly record: StackRecord;
  readonly stateDir: string;
  readonly smtpUrl: string | undefined;
  readonly names: readonly string[];
}

/** How to start each of the named parts. */
export function planParts(options: PlanOptions): readonly PartSpec[] {
  const environment = environmentOf(options);
  return options.names.map((name) => ({
    name,
    command: [process.execPath, CLI, ...wordsOf(name)],
    environment: { ...environment, ...ownEnvironment(name, options.record) },
    after: needsOf(name, options.record).filter((each) => options.names.includes(each)),
  }));
}

/** Instances of these share a SQLite file: the first brings it up to date before the others open it. */
const WITH_SHARED_FILE: readonly string[] = ['notification', 'logging'];

/** What must be ready before the part is started. */
function needsOf(name: string, { endpoints }: StackRecord): readonly string[] {
  if (isServer(name)) return [];
  const service = serviceOf(name);
  const withDatabase = [
    'customer',
    'mediator',
    ...(endpoints.inventoryUrl === undefined ? [] : ['inventory']),
    ...(endpoints.paymentUrl === undefined ? [] : ['payment']),
  ];
  const servers = withDatabase.includes(service) ? SERVERS : ['broker'];
  const isSecond = numberOf(name) > 1 && WITH_SHARED_FILE.includes(service);
  return isSecond ? [...servers, service] : servers;
}

function isServer(name: string): boolean {
  return SERVERS.some((each) => each === name);
}

function wordsOf(name: string): readonly string[] {
  const service = serviceOf(name);
  return isServer(service) || service === 'mediator' ? [service] : ['service', service];
}

/** What sets an instance apart from the others. */
function ownEnvironment(name: string, { ports }: StackRecord): PartSpec['environment'] {
  const port = ports.mediators?.[name] ?? ports.http;
  return { WONDERLAND_PART: name, WONDERLAND_HTTP_PORT: String(port) };
}

/** Every variable is set or unset on purpose: what the user's shell holds must not reach the parts. */
function environmentOf({ record, stateDir, smtpUrl }: PlanOptions): PartSpec['environment'] {
  const { endpoints } = record;
  return {
    WONDERLAND_STACK: record.name,
    WONDERLAND_STATE_DIR: stateDir,
    WONDERLAND_DATA_DIR: endpoints.dataDir,
    WONDERLAND_AMQP_URL: endpoints.amqpUrl,
    WONDERLAND_DATABASE_URL: endpoints.databaseUrl,
    WONDERLAND_NAMESPACE: endpoints.namespace,
    WONDERLAND_INVENTORY_URL: endpoints.inventoryUrl ?? '',
    WONDERLAND_PAYMENT_URL: endpoints.paymentUrl ?? '',
    WONDERLAND_SMTP_URL: smtpUrl ?? '',
    WONDERLAND_URL: '',
    WONDERLAND_MORE_URLS: '',
    WONDERLAND_FAULTS: '1',
  };
}
