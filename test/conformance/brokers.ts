/** The brokers that must behave alike: ours, always; a real RabbitMQ where one answers. */
import { connect } from 'node:net';

import { startBroker } from '../../src/broker/broker.ts';
import { liveClock, liveIds } from '../../src/kernel/live.ts';
import { RawClient } from './raw-client.ts';

// oxlint-disable-next-line node/no-process-env -- a test has no other configuration
const RABBITMQ_URL = process.env['WONDERLAND_TEST_AMQP_URL'] ?? 'amqp://guest:guest@127.0.0.1:5672';

/** A broker under test; closing it removes what was named by `name`. */
export interface BrokerUnderTest extends AsyncDisposable {
  readonly url: string;
  /** A name for a queue or exchange that nobody else uses. */
  name(): string;
}

export interface BrokerKind {
  /** Titles the suite; says why when it is skipped. */
  readonly title: string;
  readonly isSkipped: boolean;
  open(): Promise<BrokerUnderTest>;
}

const isRabbitThere = await answers(RABBITMQ_URL);

export const BROKERS: readonly BrokerKind[] = [
  { title: 'our broker', isSkipped: false, open: openOurs },
  {
    title: isRabbitThere ? 'RabbitMQ' : `RabbitMQ (skipped: nothing answers on the test URL)`,
    isSkipped: !isRabbitThere,
    open: () => Promise.resolve(shared(RABBITMQ_URL)),
  },
];

async function openOurs(): Promise<BrokerUnderTest> {
  const broker = await startBroker({ port: 0, clock: liveClock });
  return {
    url: broker.url,
    name: () => `conformance.${liveIds.hex(4)}`,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

/** A server that others use too is left as it was found. */
function shared(url: string): BrokerUnderTest {
  const names: string[] = [];
  return {
    url,
    name: () => {
      names.push(`conformance.${liveIds.hex(8)}`);
      return names.at(-1) as string;
    },
    [Symbol.asyncDispose]: async () => {
      await using client = await RawClient.open(url);
      for (const name of names) {
        await client.ask('queue.delete', { queue: name });
        await client.ask('exchange.delete', { exchange: name });
      }
    },
  };
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(port || 5672), timeout: 1_000 });
    const answer = (isThere: boolean) => (): void => {
      socket.destroy();
      resolve(isThere);
    };
    socket.once('connect', answer(true));
    socket.once('error', answer(false));
    socket.once('timeout', answer(false));
  });
}
