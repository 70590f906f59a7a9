/** The stack that scenarios run on: the one that is up, else an ephemeral one for all scenarios of a command. */
import { required, type Settings } from '../../config/settings.ts';
import type { Clock } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import { findRunningStack, requireRunningStack } from '../../stack/read-status.ts';
import type { StackStatus } from '../../stack/stack-status.ts';
import { suggest } from '../../kernel/suggestion.ts';
import type { StackAddress } from './connection.ts';

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
  readonly address: StackAddress;
}

/** @throws UserError `stack-not-running` for a named stack that is not up; what starting a stack throws. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const { settings, isNamed, isolated, engine } = options;
  if (isolated || engine !== undefined) return openEphemeral(options);
  const address = isNamed ? requireRunningStack(settings) : findRunningStack(settings);
  if (address === undefined) return openEphemeral(options);
  return { kind: 'running', address, [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function openEphemeral(options: SiteOptions): Promise<Site> {
  const { startEphemeralStack } = await import('../../stack/ephemeral-stack.ts');
  const { clock, ids, signal, onStarting: onStatus } = options;
  const stack = await startEphemeralStack({ clock, ids, signal, onStatus, ...engineOf(options) });
  return {
    kind: 'ephemeral',
    address: stack.endpoints,
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
