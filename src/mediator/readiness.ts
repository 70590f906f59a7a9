/** Is the shop open? Only when the database answers and a canary came back from every service. */
import type { Clock } from '../kernel/clock.ts';
import { messageOf, OutcomeUnknownError, RejectedError } from '../kernel/errors.ts';
import type { Part } from '../messaging/part.ts';
import { SERVICES } from '../messaging/topology.ts';
import { databaseTrouble } from '../storage/database-trouble.ts';
import type { SagaStore } from './saga-store.ts';
import type { Shop } from './shop.ts';

export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly ms: number;
  /** What is wrong, when something is. */
  readonly detail?: string;
}

export interface Readiness {
  readonly ready: boolean;
  readonly checks: readonly ReadinessCheck[];
}

export interface ReadinessOptions {
  readonly part: Part;
  readonly store: SagaStore;
  readonly shop: Shop;
}

export async function checkReadiness({ part, store, shop }: ReadinessOptions): Promise<Readiness> {
  const probe = async (name: string, ask: () => Promise<void>): Promise<ReadinessCheck> => {
    const started = part.clock.elapsed();
    const outcome = await within(part.clock, ask());
    return { name, ms: Math.round(part.clock.elapsed() - started), ...outcome };
  };
  const database = probe('database', () => store.ping());
  const checks = await Promise.all([
    database,
    probe('broker', async () => {
      if (!part.bus.isConnected()) throw new Error('not connected');
      if (part.bus.isBlocked()) throw new Error('it takes no messages: short of memory or disk');
    }),
    probe('definitions', async () => {
      if (!(await database).ok) throw new Error('not known without the database');
      const unknown = await store.unknownDefinitions();
      if (unknown.length === 0) return;
      throw new Error(`open sagas need another version of this program: ${unknown.join(', ')}`);
    }),
    ...SERVICES.map((service) => probe(service, () => shop.ping(service, part.ids.hex(8)))),
  ]);
  return { ready: checks.every((each) => each.ok), checks };
}

/** Who asks wants to hear what is known, and soon; a server that hangs must not hold up the rest. */
const CHECK_LIMIT_MS = 1_500;

type Outcome = Pick<ReadinessCheck, 'ok' | 'detail'>;

/** How it ended, or that it did not within the limit. */
function within(clock: Clock, asked: Promise<void>): Promise<Outcome> {
  return new Promise((resolve) => {
    const timer = clock.after(CHECK_LIMIT_MS, () =>
      resolve({ ok: false, detail: 'no answer in time' }),
    );
    const settle = (outcome: Outcome): void => {
      timer.cancel();
      resolve(outcome);
    };
    asked.then(
      () => settle({ ok: true }),
      (error: unknown) => settle({ ok: false, detail: detailOf(error) }),
    );
  });
}

/** Silence has one word; every other reason speaks for itself. */
function detailOf(error: unknown): string {
  if (error instanceof OutcomeUnknownError) return 'no answer in time';
  if (error instanceof RejectedError && typeof error.details['reason'] === 'string') {
    return error.details['reason'];
  }
  return databaseTrouble(error) ?? messageOf(error);
}
