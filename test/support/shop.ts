/** The whole shop in one process on the run's real servers, in a namespace of its own that is removed afterwards. */
import { ClosingStack } from '../../src/kernel/closing.ts';
import { startMediator } from '../../src/mediator/mediator.ts';
import type { Part } from '../../src/messaging/part.ts';
import { startCustomer } from '../../src/services/customer/service.ts';
import { startInventory } from '../../src/services/inventory/service.ts';
import { startLogging } from '../../src/services/logging/service.ts';
import { startNotification } from '../../src/services/notification/service.ts';
import { startPayment } from '../../src/services/payment/service.ts';
import type { Settings } from '../../src/config/settings.ts';
import { dropTestSchemas, TEST_DATABASE_URL } from './database.ts';
import { openSurroundings, openTestPart } from './part.ts';

export const SHOP_SERVICES = {
  inventory: startInventory,
  payment: startPayment,
  customer: startCustomer,
  notification: startNotification,
  logging: startLogging,
} as const;

export type ShopService = keyof typeof SHOP_SERVICES;

export interface TestShop extends AsyncDisposable {
  readonly url: string;
  readonly settings: Settings;
  /** A part without a service: for asking the others. */
  readonly visitor: Part;
  /** Starts a service that was left out. */
  start(service: ShopService): Promise<void>;
  /** Stops a service, or the first mediator, in good order. */
  stop(name: ShopService | 'mediator'): Promise<void>;
  /** One more mediator of the same shop; answers its URL. */
  openMediator(): Promise<string>;
}

/** `without` services stay away until they are started; `dress` wraps the part of each service and mediator. */
export async function openShop(
  without: readonly ShopService[] = [],
  changes: Partial<Settings> = {},
  dress: (part: Part) => Part = (part) => part,
): Promise<TestShop> {
  const closing = new ClosingStack();
  const surroundings = closing.use(await openSurroundings());
  const settings: Settings = {
    ...surroundings.settings,
    databaseUrl: TEST_DATABASE_URL,
    httpPort: 0,
    // Nothing is shipped behind the back of a test that takes its time.
    shipAfterMs: 3_600_000,
    ...changes,
  };
  const running = new Map<string, ClosingStack>();
  closing.defer(() => dropTestSchemas(settings, ['mediator', 'customer', 'inventory', 'payment']));
  const start = async (service: ShopService): Promise<void> => {
    const own = closing.use(new ClosingStack());
    running.set(service, own);
    const part = own.use(await openTestPart({ service, settings }));
    own.use(await SHOP_SERVICES[service](dress(part)));
  };
  for (const service of Object.keys(SHOP_SERVICES) as ShopService[]) {
    if (!without.includes(service)) await start(service);
  }
  const openMediator = async (): Promise<string> => {
    const own = closing.use(new ClosingStack());
    if (!running.has('mediator')) running.set('mediator', own);
    const part = own.use(await openTestPart({ service: 'mediator', settings }));
    const { port } = own.use(await startMediator(dress(part)));
    return `http://127.0.0.1:${port}`;
  };
  const url = await openMediator();
  const visitor = closing.use(await openTestPart({ service: 'visitor', settings }));
  return {
    url,
    settings,
    visitor,
    start,
    stop: async (name) => running.get(name)?.[Symbol.asyncDispose](),
    openMediator,
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}
