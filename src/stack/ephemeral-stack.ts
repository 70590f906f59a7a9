/** A stack for one scenario or test: a directory and ports (or a namespace) of its own, gone afterwards. */
import { rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { readSettings, type Settings } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { BugError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { EPHEMERAL_NAME } from './ephemeral-name.ts';
import { forgetEphemeral, noteEphemeral, type EphemeralEntry } from './ephemeral-registry.ts';
import type { ServerGates } from './gates/server-gates.ts';
import type { Scale } from './instances.ts';
import { healLeftovers, killSurvivors } from './leftovers.ts';
import { controlParts } from './part-control.ts';
import { identify } from './process-identity.ts';
import { endpointsOf, runStack, type RunningStack } from './run-stack.ts';
import type { StackControl } from './stack-control.ts';
import { filesOf } from './stack-files.ts';
import type { Endpoints, StackStatus } from './stack-status.ts';

interface CommonOptions {
  /** The user's state directory: the stack is noted there, so that it is found if this process is killed. */
  readonly registryDir: string;
  readonly clock: Clock;
  readonly ids: Ids;
  /** How many of each service; one where it says nothing. */
  readonly scale?: Scale;
  /** Aborted: what was started is stopped and removed. */
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly onStatus?: (status: StackStatus) => void;
}

export type EphemeralOptions = CommonOptions &
  (
    | { readonly engine?: 'embedded' }
    /** Servers that exist; queues and schemas get a namespace that nobody else has. */
    | { readonly engine: 'external'; readonly amqpUrl: string; readonly databaseUrl: string }
  );

export interface EphemeralStack extends AsyncDisposable {
  /** On servers of others, through gates: who goes this way is cut off from them with the parts. */
  readonly endpoints: Endpoints;
  readonly control: StackControl;
}

const TIMEOUT_MS = 60_000;

/**
 * Removes first what killed processes left of earlier ones. Disposing stops it and removes everything. It
 * cannot outlive this process.
 * @throws UserError as `startStack`, and `permission` when it cannot be noted
 */
export async function startEphemeralStack(options: EphemeralOptions): Promise<EphemeralStack> {
  const { registryDir, clock } = options;
  await healLeftovers(registryDir, clock);
  const closing = new ClosingStack();
  try {
    const entry = entryOf(options);
    await makePlace(entry, registryDir, closing);
    const gates = await openGates(entry, clock, closing);
    const stack = closing.use(await run(entry, gates, options));
    return {
      endpoints: endpointsOf(stack.status),
      control: controlParts({ door: stack.door, gates, clock }),
      [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
    };
  } catch (error) {
    await closing[Symbol.asyncDispose]();
    throw error;
  }
}

function entryOf(options: EphemeralOptions): EphemeralEntry {
  const { ids, clock } = options;
  const owner = identify(process.pid);
  if (owner === undefined) throw new BugError('this process does not find itself');
  const id = ids.hex(8);
  const common = {
    schemaVersion: 1,
    id,
    owner,
    directory: path.join(os.tmpdir(), `wonderland-${id}`),
    startedAt: new Date(clock.now()).toISOString(),
  } as const;
  if (options.engine !== 'external') return { ...common, engine: 'embedded' };
  const { amqpUrl, databaseUrl } = options;
  const external = { amqpUrl, databaseUrl, namespace: `e${id}` };
  return { ...common, engine: 'external', external };
}

/** Noted first and forgotten last, and only if nothing is left: the next one tries again. */
async function makePlace(
  entry: EphemeralEntry,
  registryDir: string,
  closing: ClosingStack,
): Promise<void> {
  const { id, directory, external } = entry;
  let isLeft = false;
  const onProcessExit = (): void => {
    killSurvivors(filesOf(directory, EPHEMERAL_NAME));
    rmSync(directory, { recursive: true, force: true });
    if (external === undefined) forgetEphemeral(registryDir, id);
  };
  noteEphemeral(registryDir, entry);
  closing.defer(() => !isLeft && forgetEphemeral(registryDir, id));
  process.once('exit', onProcessExit);
  closing.defer(() => process.off('exit', onProcessExit));
  await mkdir(directory, { mode: 0o700 });
  closing.defer(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
  if (external === undefined) return;
  closing.defer(async () => {
    const { removeExternal } = await import('./remove-external.ts');
    await removeExternal(external).catch((error: unknown) => {
      isLeft = true;
      throw error;
    });
  });
}

/** Servers of others are asked without a gate whether they answer: the gate would answer for them. */
async function openGates(
  { external }: EphemeralEntry,
  clock: Clock,
  closing: ClosingStack,
): Promise<ServerGates | undefined> {
  if (external === undefined) return undefined;
  const { requireServers } = await import('./server-access.ts');
  await requireServers(external);
  const { openServerGates } = await import('./gates/server-gates.ts');
  return closing.use(await openServerGates(external, clock));
}

function run(
  entry: EphemeralEntry,
  gates: ServerGates | undefined,
  options: EphemeralOptions,
): Promise<RunningStack> {
  const { clock, ids, scale, signal = new AbortController().signal, onStatus } = options;
  return runStack(
    {
      settings: settingsFor(entry, gates),
      engine: entry.engine,
      parts: { scale },
      ports: { auto: true },
      timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
      clock,
      ids,
      signal,
    },
    { onEngine: () => undefined, onStatus: (status) => onStatus?.(status) },
  );
}

/** Nothing of the user's environment: an ephemeral stack is the same everywhere. */
function settingsFor(
  { directory, external }: EphemeralEntry,
  gates: ServerGates | undefined,
): Settings {
  const settings = readSettings({
    WONDERLAND_STATE_DIR: directory,
    WONDERLAND_STACK: EPHEMERAL_NAME,
  });
  if (external === undefined) return settings;
  return { ...settings, ...external, ...gates?.urls };
}
