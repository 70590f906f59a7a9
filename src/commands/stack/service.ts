/** One service or the mediator as this process, against the URLs in the environment or the running stack. */
import { DEFAULT_HTTP_PORT, type Settings } from '../../config/settings.ts';
import { liveCrash } from '../../kernel/live.ts';
import { openPart, type Part } from '../../messaging/part.ts';
import type { ServiceName } from '../../messaging/topology.ts';
import { UserError } from '../../kernel/errors.ts';
import { serviceOf } from '../../stack/instances.ts';
import { UNCONNECTED } from '../../stack/instance-health.ts';
import { readStatus, requireRunningStack } from '../../stack/read-status.ts';
import type { CommandContext } from '../context.ts';
import { servePart } from './serve-part.ts';

type Start = (part: Part) => Promise<AsyncDisposable>;

const STARTS: Readonly<Record<ServiceName | 'mediator', () => Promise<Start>>> = {
  inventory: async () => (await import('../../services/inventory/service.ts')).startInventory,
  payment: async () => (await import('../../services/payment/service.ts')).startPayment,
  customer: async () => (await import('../../services/customer/service.ts')).startCustomer,
  notification: async () =>
    (await import('../../services/notification/service.ts')).startNotification,
  logging: async () => (await import('../../services/logging/service.ts')).startLogging,
  mediator: async () => (await import('../../mediator/mediator.ts')).startMediator,
};

/** @throws UserError `usage` beside the stack's own; `stack-not-running` when neither environment nor stack says where the broker is. */
export async function runService(
  service: ServiceName | 'mediator',
  context: CommandContext,
): Promise<void> {
  const settings = partSettings(await context.settings());
  // The one that the supervisor has started is the stack's own.
  if (process.send === undefined) await refuseSecond(service, settings);
  const { clock, ids, random } = context;
  const start = await STARTS[service]();
  await servePart(service, context, async (signal) => {
    const part = await openPart({
      service,
      settings,
      clock,
      ids,
      random,
      crash: liveCrash,
      output: process.stdout,
      signal,
    });
    try {
      const running = await start(part);
      return {
        findTrouble: () => (part.bus.isConnected() ? undefined : UNCONNECTED),
        async [Symbol.asyncDispose]() {
          await running[Symbol.asyncDispose]();
          await part[Symbol.asyncDispose]();
        },
      };
    } catch (error) {
      await part[Symbol.asyncDispose]();
      throw error;
    }
  });
}

/** Two of one service would share its database file, and each would get half of the messages. */
async function refuseSecond(name: string, settings: Settings): Promise<void> {
  const { stateDir, stack, amqpUrl, namespace } = settings;
  const { endpoints, parts, state } = await readStatus({ stateDir, name: stack });
  const isThere = endpoints?.amqpUrl === amqpUrl && endpoints?.namespace === namespace;
  const own = parts.find((part) => serviceOf(part.name) === name);
  const isOff = own === undefined || own.state === 'stopped' || own.state === 'failed';
  if (!isThere || isOff || state === 'stopped' || state === 'crashed') return;
  throw new UserError('usage', `The stack "${stack}" runs ${name} already`, {
    hint: `Start the stack without it: \`wonderland down\`, then \`wonderland up --except ${name}\`.`,
    details: { pid: own.pid ?? null, state: own.state },
  });
}

/** What the environment does not say is taken from the running stack: `wonderland service payment` in an IDE. */
function partSettings(settings: Settings): Settings {
  if (settings.amqpUrl !== undefined) return settings;
  const endpoints = requireRunningStack(settings);
  const { mediatorUrl, amqpUrl, databaseUrl, inventoryUrl, paymentUrl } = endpoints;
  const { namespace, dataDir } = endpoints;
  const isDefault = settings.httpPort === DEFAULT_HTTP_PORT;
  const httpPort = isDefault ? Number(new URL(mediatorUrl).port) : settings.httpPort;
  const servers = { amqpUrl, databaseUrl, inventoryUrl, paymentUrl };
  return { ...settings, ...servers, namespace, dataDir, httpPort, faultsAllowed: true };
}
