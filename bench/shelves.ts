/** Books with more copies than any load takes, stocked over the bus as a scenario does. */
import { booksStocked, stockBooks } from '../src/contracts/inventory.ts';
import { liveClock, liveIds, liveRandom } from '../src/kernel/live.ts';
import { silentLogger } from '../src/kernel/logger.ts';
import { openAmqpBus } from '../src/messaging/amqp-bus.ts';
import { RpcClient } from '../src/messaging/rpc-client.ts';
import { namesOf } from '../src/messaging/topology.ts';
import type { Endpoints } from '../src/stack/stack-status.ts';

const BOOKS = 20;
const COPIES = 1_000_000;

/** Ids of the new books. */
export async function stockShelves({ amqpUrl, namespace }: Endpoints): Promise<readonly number[]> {
  const names = namesOf(namespace);
  const ports = { names, clock: liveClock, ids: liveIds, random: liveRandom, logger: silentLogger };
  await using bus = await openAmqpBus({
    ...ports,
    url: amqpUrl,
    client: 'bench',
    openWithinMs: 5_000,
  });
  await using rpc = await RpcClient.open({ ...ports, bus });
  const { bookIds } = await rpc.ask({
    service: 'inventory',
    contract: stockBooks,
    body: {
      books: Array.from({ length: BOOKS }, (_, index) => ({
        title: `Bench ${index}`,
        author: 'Nobody',
        priceCents: 1_000,
        copies: COPIES,
      })),
    },
    answer: booksStocked,
    withinMs: 5_000,
  });
  return bookIds;
}
