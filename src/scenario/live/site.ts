/** The stack that scenarios run on: the one that is up, else an ephemeral one for all scenarios of a command. */
import { required, type Settings } from '../../config/settings.ts';
import type { Clock } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import { suggest } from '../../kernel/suggestion.ts';
import { findRunningStack, readStatus, requireRunningStack } from '../../stack/read-status.ts';
import type { StackControl } from '../../stack/stack-control.ts';
import { mediatorUrlsOf, type Endpoints, type StackStatus } from '../../stack/stack-status.ts';
import type { StackAddress } from './connection.ts';

/** A part that crashed, or that another run took away, may take this long to be back. */
const PARTS_BACK_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 200;
/** Nobody brings these back, unless they are held for a while only. */
const GONE: ReadonlyArray<StackStatus['parts'][number]['state']> = ['paused', 'stopped', 'failed'];

export interface SiteOptions {
  readonly settings: Settings;
  /** A stack was named: it must be up. */
  readonly isNamed: boolean;
  /** Never the running stack. */
  readonly isolated: boolean;
  /** Engine of the ephemeral stack; asking for one means an ephemeral stack. */
  readonly engine: string | undefined;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly signal: AbortSignal;
  /** An ephemeral stack is being started. */
  readonly onStarting: (status: StackStatus) => void;
}

export interface Site extends AsyncDisposable {
  readonly kind: 'running' | 'ephemeral';
  readonly engine: string;
  readonly mediators: number;
  readonly address: StackAddress;
  readonly control: StackControl;
}

/**
 * The running stack if it has so many mediators, else an ephemeral one that has.
 * @throws UserError `stack-not-running` for a named stack that is not up; what starting a stack throws.
 */
export async function openSite(options: SiteOptions, mediators: number): Promise<Site> {
  const { settings, isNamed, isolated, engine } = options;
  if (isolated || engine !== undefined) return openEphemeral(options, mediators);
  const address = isNamed ? requireRunningStack(settings) : findRunningStack(settings);
  if (address === undefined) return openEphemeral(options, mediators);
  const running = mediatorUrlsOf(address).length;
  if (running < mediators) return openEphemeral(options, mediators);
  return openRunning(options, address);
}

async function openRunning(options: SiteOptions, address: Endpoints): Promise<Site> {
  const { settings, clock } = options;
  await requireAllParts(options);
  const { controlRunningStack } = await import('../../stack/running-control.ts');
  const { control, engine } = await controlRunningStack(settings, clock);
  return {
    kind: 'running',
    engine,
    mediators: mediatorUrlsOf(address).length,
    address,
    control,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/**
 * What another run took away is waited for; what somebody stopped or froze is not coming back by itself.
 * @throws UserError `not-steady`
 */
async function requireAllParts({ settings, clock, signal }: SiteOptions): Promise<void> {
  const { stateDir, stack: name } = settings;
  const deadline = clock.elapsed() + PARTS_BACK_WITHIN_MS;
  for (;;) {
    signal.throwIfAborted();
    const { parts } = await readStatus({ stateDir, name });
    const away = parts.filter(({ state }) => state !== 'ready');
    if (away.length === 0) return;
    const isComing = away.every(
      ({ state, heldUntil }) => heldUntil !== undefined || !GONE.includes(state),
    );
    if (!isComing || clock.elapsed() >= deadline) throw notAllThere(away);
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
}

function notAllThere(away: StackStatus['parts']): UserError {
  const found = away.map(({ name, state }) => `${name} is ${state}`).join(', ');
  return new UserError('not-steady', `No scenario can begin: ${found}`, {
    hint: 'Bring it back with `wonderland resume` or `wonderland restart`, or use --isolated.',
    details: { parts: away },
  });
}

async function openEphemeral(options: SiteOptions, mediators: number): Promise<Site> {
  const { startEphemeralStack } = await import('../../stack/ephemeral-stack.ts');
  const { clock, ids, signal, onStarting: onStatus, settings } = options;
  const chosen = engineOf(options);
  const stack = await startEphemeralStack({
    clock,
    ids,
    signal,
    onStatus,
    registryDir: settings.stateDir,
    scale: { mediator: mediators },
    ...chosen,
  });
  return {
    kind: 'ephemeral',
    engine: chosen.engine,
    mediators,
    address: stack.endpoints,
    control: stack.control,
    [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose](),
  };
}

function engineOf({ engine = 'embedded', settings }: SiteOptions) {
  if (engine === 'embedded') return { engine } as const;
  if (engine === 'external') {
    const amqpUrl = required(settings.amqpUrl, 'WONDERLAND_AMQP_URL');
    const databaseUrl = required(settings.databaseUrl, 'WONDERLAND_DATABASE_URL');
    return { engine, amqpUrl, databaseUrl } as const;
  }
  throw new UserError('usage', `Scenarios cannot start the engine "${engine}"`, {
    hint: suggest(engine, ['embedded', 'external']) ?? 'Use embedded or external.',
  });
}
