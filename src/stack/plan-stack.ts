/** Decides what a stack will be before anything is started: its engine, ports, URLs and secrets. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import type { Settings } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { suggest } from '../kernel/suggestion.ts';
import { chooseDataStores } from './data-stores.ts';
import { instancesOf, type Scale } from './instances.ts';
import { planPorts, type PortChoice } from './ports/plan.ts';
import { makeDirectories, type StackFiles } from './stack-files.ts';
import { dataPathsOf, type StackPorts, type StackRecord } from './stack-record.ts';
import { ENGINES, type Endpoints, type Engine } from './stack-status.ts';

export interface StackPlanOptions {
  readonly files: StackFiles;
  readonly settings: Settings;
  readonly engine: Engine;
  readonly ports: PortChoice;
  /** What the stack was before. */
  readonly stored: StackRecord | undefined;
  /** How many of each service; one where it says nothing. */
  readonly scale: Scale;
  readonly clock: Clock;
  readonly ids: Ids;
}

/**
 * What the stack will be. Makes its directories and, once, the password of its database.
 * @throws UserError `invalid-config` when its data lies where several instances cannot use it
 */
export async function planStack(options: StackPlanOptions): Promise<StackRecord> {
  const { files, engine, clock, stored, scale } = options;
  const { mediator: mediators } = scale;
  makeDirectories(files);
  const ports = await planPorts(engine, { ...options.ports, stored: stored?.ports, mediators });
  const isExternal = engine === 'external';
  const own = isExternal ? externalEndpoints(options, ports) : embeddedEndpoints(options, ports);
  const { databaseUrl } = own;
  return {
    schemaVersion: 1,
    name: files.name,
    engine,
    ports,
    endpoints: {
      ...own,
      ...furtherMediators(ports, mediators),
      ...chooseDataStores({ ...options, isExternal, databaseUrl }),
    },
    createdAt: new Date(clock.now()).toISOString(),
  };
}

/** Ports of mediators that do not run now are kept, but nobody answers there. */
function furtherMediators(
  { mediators = {} }: StackPorts,
  count = 1,
): Pick<Endpoints, 'moreMediatorUrls'> {
  const names = instancesOf(['mediator'], { mediator: count }).slice(1);
  if (names.length === 0) return {};
  return { moreMediatorUrls: names.map((name) => `http://127.0.0.1:${mediators[name]}`) };
}

function embeddedEndpoints({ files, ids }: StackPlanOptions, ports: StackPorts): Endpoints {
  const password = databasePassword(files, ids);
  return {
    mediatorUrl: `http://127.0.0.1:${ports.http}`,
    amqpUrl: `amqp://guest:guest@127.0.0.1:${ports.amqp}`,
    databaseUrl: `postgres://wonderland:${password}@127.0.0.1:${ports.postgres}/wonderland`,
    namespace: '',
    ...dataPathsOf(files),
  };
}

/** Lies with the data that it opens, so that losing `stack.json` does not lock anybody out. */
function databasePassword(files: StackFiles, ids: Ids): string {
  const file = path.join(files.data, 'postgres-password');
  try {
    writeFileSync(file, ids.hex(24), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return readFileSync(file, 'utf8').trim();
}

function externalEndpoints({ files, settings }: StackPlanOptions, ports: StackPorts): Endpoints {
  const { amqpUrl, databaseUrl } = settings;
  if (amqpUrl === undefined || databaseUrl === undefined) {
    const missing = amqpUrl === undefined ? 'WONDERLAND_AMQP_URL' : 'WONDERLAND_DATABASE_URL';
    throw new UserError('invalid-config', `The external engine needs ${missing}`, {
      hint: 'Set WONDERLAND_AMQP_URL and WONDERLAND_DATABASE_URL, or leave --engine away to run servers of our own.',
    });
  }
  return {
    mediatorUrl: `http://127.0.0.1:${ports.http}`,
    amqpUrl,
    databaseUrl,
    namespace: settings.namespace || files.name.replaceAll('-', '_'),
    ...dataPathsOf(files),
  };
}

export interface EngineChoice {
  readonly engine: Engine;
  /** Why, as one sentence for the user. */
  readonly reason: string;
}

export interface EngineOptions {
  /** What `--engine` says; `auto` when it says nothing. */
  readonly asked: string;
  readonly settings: Pick<Settings, 'amqpUrl' | 'databaseUrl'>;
  /** What the stack was before. */
  readonly stored: StackRecord | undefined;
}

/**
 * Which engine to use.
 * @throws UserError `usage` or `environment` for one that does not exist, `invalid-config` when the data
 *   belongs to another one.
 */
export function chooseEngine(options: EngineOptions): EngineChoice {
  const choice = wish(options);
  const { stored } = options;
  if (stored === undefined || stored.engine === choice.engine) return choice;
  throw new UserError(
    'invalid-config',
    `The data of the stack "${stored.name}" was made with the ${stored.engine} engine`,
    {
      hint:
        `Go on with it (\`wonderland up --engine ${stored.engine}\`), use another stack (\`--stack NAME\`), ` +
        'or remove the data (`wonderland reset`).',
    },
  );
}

function wish({ asked, settings, stored }: EngineOptions): EngineChoice {
  switch (asked) {
    case 'embedded':
    case 'external':
      return { engine: asked, reason: 'as asked' };
    case 'auto':
      return isOther(settings, stored)
        ? { engine: 'external', reason: 'WONDERLAND_AMQP_URL is set' }
        : { engine: 'embedded', reason: 'nothing to install' };
    case 'compose':
      throw new UserError('environment', 'This version has no compose engine', {
        hint: 'Leave --engine away: the embedded engine needs no Docker.',
      });
    default:
      throw new UserError('usage', `There is no engine "${asked}"`, {
        hint:
          suggest(asked, ['auto', ...ENGINES]) ?? `The engines are: auto, ${ENGINES.join(', ')}.`,
      });
  }
}

/** Both URLs are given, and they are not this stack's own, taken over from `wonderland env`. */
function isOther(settings: EngineOptions['settings'], stored: StackRecord | undefined): boolean {
  const { amqpUrl, databaseUrl } = settings;
  if (amqpUrl === undefined || databaseUrl === undefined) return false;
  const isOwn =
    stored?.engine === 'embedded' &&
    stored.endpoints.amqpUrl === amqpUrl &&
    stored.endpoints.databaseUrl === databaseUrl;
  return !isOwn;
}
