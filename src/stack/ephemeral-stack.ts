/** A stack for one scenario or test: a directory and ports (or a namespace) of its own, gone afterwards. */
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { readSettings } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { ClosingStack } from '../kernel/closing.ts';
import type { Ids } from '../kernel/ids.ts';
import { endpointsOf, runStack } from './run-stack.ts';
import type { Endpoints, StackStatus } from './stack-status.ts';

interface CommonOptions {
  readonly clock: Clock;
  readonly ids: Ids;
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
  readonly endpoints: Endpoints;
}

const TIMEOUT_MS = 60_000;

/** Disposing stops it and removes everything. It cannot outlive this process. @throws UserError as `startStack` */
export async function startEphemeralStack(options: EphemeralOptions): Promise<EphemeralStack> {
  const closing = new ClosingStack();
  try {
    const stateDir = await mkdtemp(path.join(os.tmpdir(), 'wonderland-'));
    closing.defer(() => rm(stateDir, { recursive: true, force: true, maxRetries: 3 }));
    const onProcessExit = (): void => rmSync(stateDir, { recursive: true, force: true });
    process.once('exit', onProcessExit);
    closing.defer(() => process.off('exit', onProcessExit));
    const settings = settingsFor(options, stateDir);
    if (options.engine === 'external') {
      closing.defer(async () => {
        const { removeExternal } = await import('./remove-external.ts');
        await removeExternal({ ...options, namespace: settings.namespace });
      });
    }
    const { clock, ids, signal = new AbortController().signal, onStatus } = options;
    const stack = closing.use(
      await runStack(
        {
          settings,
          engine: options.engine ?? 'embedded',
          parts: {},
          ports: { auto: true },
          timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
          clock,
          ids,
          signal,
        },
        { onEngine: () => undefined, onStatus: (status) => onStatus?.(status) },
      ),
    );
    return {
      endpoints: endpointsOf(stack.status),
      [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
    };
  } catch (error) {
    await closing[Symbol.asyncDispose]();
    throw error;
  }
}

/** Nothing of the user's environment: an ephemeral stack is the same everywhere. */
function settingsFor(options: EphemeralOptions, stateDir: string): ReturnType<typeof readSettings> {
  const settings = readSettings({ WONDERLAND_STATE_DIR: stateDir, WONDERLAND_STACK: 'ephemeral' });
  if (options.engine !== 'external') return settings;
  const { amqpUrl, databaseUrl } = options;
  return { ...settings, amqpUrl, databaseUrl, namespace: `e${options.ids.hex(8)}` };
}
