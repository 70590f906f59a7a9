/** The broker as a process of its own: runs until it is told to stop. */
import { once } from 'node:events';

import { startBroker, type Broker, type BrokerOptions } from './broker.ts';

/** Runs a broker until the signal aborts; `ready` is called once clients can connect. */
export async function runBroker(
  options: BrokerOptions,
  signal: AbortSignal,
  ready: (broker: Broker) => void = () => undefined,
): Promise<void> {
  await using broker = await startBroker(options);
  options.log?.log('info', `the broker listens on port ${broker.port}`);
  ready(broker);
  if (!signal.aborted) await once(signal, 'abort');
}
