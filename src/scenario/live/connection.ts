/** The ways into a running stack that scenarios use: HTTP as a customer, the bus as a checker. */
import { setMaxListeners } from 'node:events';

import type { Clock } from '../../kernel/clock.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import type { Ids } from '../../kernel/ids.ts';
import { silentLogger } from '../../kernel/logger.ts';
import type { Random } from '../../kernel/random.ts';
import { openHttp, type Http } from '../../mediator/client/http.ts';
import { openAmqpBus } from '../../messaging/amqp-bus.ts';
import type { Bus } from '../../messaging/bus.ts';
import { RpcClient } from '../../messaging/rpc-client.ts';
import { namesOf, type Names } from '../../messaging/topology.ts';

/** Where the stack is; part of what `src/stack` tells of a running one. */
export interface StackAddress {
  readonly mediatorUrl: string;
  /** Further mediators of the same shop. */
  readonly moreMediatorUrls?: readonly string[];
  readonly amqpUrl: string;
  readonly namespace: string;
  /** Where the parts keep their data. */
  readonly dataDir: string;
}

export interface ConnectionOptions {
  readonly address: StackAddress;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly random: Random;
  /** Gives up what waits for the stack. Clearing faults goes on. */
  readonly signal: AbortSignal;
}

/** One connection serves all scenarios of a command. */
export interface Connection extends Omit<ConnectionOptions, 'address'>, AsyncDisposable {
  readonly http: Http;
  readonly bus: Bus;
  readonly names: Names;
  readonly rpc: RpcClient;
}

const OPEN_WITHIN_MS = 5_000;

/** @throws UserError `broker-unreachable` */
export async function openConnection(options: ConnectionOptions): Promise<Connection> {
  const { address, clock, ids, random, signal } = options;
  const names = namesOf(address.namespace);
  // Every order and every look may wait on it; Node would take more than ten for a leak and say so.
  setMaxListeners(0, signal);
  await using opening = new ClosingStack();
  const bus = opening.use(
    await openAmqpBus({
      url: address.amqpUrl,
      names,
      client: 'scenario',
      clock,
      random,
      logger: silentLogger,
      signal,
      openWithinMs: OPEN_WITHIN_MS,
    }),
  );
  const rpc = opening.use(await RpcClient.open({ bus, names, ids, clock }));
  const closing = opening.move();
  return {
    clock,
    ids,
    random,
    signal,
    bus,
    names,
    rpc,
    http: openHttp({
      baseUrl: address.mediatorUrl,
      moreUrls: address.moreMediatorUrls ?? [],
      signal,
      clock,
    }),
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}
