/** Which parts a stack has, how each is started, and what it finds in its environment. */
import { fileURLToPath } from 'node:url';

import { UserError } from '../kernel/errors.ts';
import { suggest } from '../kernel/suggestion.ts';
import { SERVICES } from '../messaging/topology.ts';
import type { StackRecord } from './stack-record.ts';
import type { Engine } from './stack-status.ts';
import type { PartSpec } from './supervisor/part-process.ts';

/** Servers that an embedded stack brings along. */
const SERVERS = ['broker', 'postgres'] as const;
/** What people can leave out or ask for. */
export const APP_PARTS = [...SERVICES, 'mediator'] as const;

const CLI = fileURLToPath(new URL('../../bin/wonderland.js', import.meta.url));

/** All part names of an engine, in the order in which people read them. */
export function partNames(engine: Engine): readonly string[] {
  return engine === 'embedded' ? [...SERVERS, ...APP_PARTS] : APP_PARTS;
}

export interface PartChoice {
  readonly only?: readonly string[] | undefined;
  readonly except?: readonly string[] | undefined;
}

/** Applies `--only` and `--except`. The servers stay: nothing runs without them. @throws UserError `usage` */
export function chooseParts(engine: Engine, { only, except }: PartChoice): readonly string[] {
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
    environment,
    after: serversOf(name).filter((each) => options.names.includes(each)),
  }));
}

/** Parts that keep their data in PostgreSQL; the others need not wait for it. */
const WITH_DATABASE: readonly string[] = ['customer', 'mediator'];

function serversOf(name: string): readonly string[] {
  if (isServer(name)) return [];
  return WITH_DATABASE.includes(name) ? SERVERS : ['broker'];
}

function isServer(name: string): boolean {
  return SERVERS.some((each) => each === name);
}

function wordsOf(name: string): readonly string[] {
  return isServer(name) || name === 'mediator' ? [name] : ['service', name];
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
    WONDERLAND_HTTP_PORT: String(record.ports.http),
    WONDERLAND_SMTP_URL: smtpUrl ?? '',
    WONDERLAND_URL: '',
    WONDERLAND_FAULTS: '1',
  };
}
