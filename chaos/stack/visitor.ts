/** A connection of our own to the broker of a stack: to stock shelves, to arm faults, to write log records. */
import type { Fault } from '../../src/contracts/faults.ts';
import { records, type LogRecord } from '../../src/contracts/logs.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { BugError } from '../../src/kernel/errors.ts';
import { liveClock, liveIds, liveRandom } from '../../src/kernel/live.ts';
import { silentLogger } from '../../src/kernel/logger.ts';
import { openAmqpBus } from '../../src/messaging/amqp-bus.ts';
import { outgoing, type Bus } from '../../src/messaging/bus.ts';
import { FaultControl } from '../../src/messaging/control.ts';
import { RpcClient } from '../../src/messaging/rpc-client.ts';
import { namesOf, type Names } from '../../src/messaging/topology.ts';
import type { Place } from './chaos-stack.ts';

const OPEN_WITHIN_MS = 10_000;
/** For the whole run: nobody renews, so that a fault that has killed its process is gone with it. */
const LEASE_MS = 600_000;
const ANSWER_WITHIN_MS = 1_000;
const TRIES = 10;
const PORTS = { clock: liveClock, ids: liveIds, random: liveRandom, logger: silentLogger };

export class Visitor implements AsyncDisposable {
  readonly rpc: RpcClient;
  readonly #bus: Bus;
  readonly #names: Names;
  readonly #closing: ClosingStack;

  private constructor(bus: Bus, names: Names, rpc: RpcClient, closing: ClosingStack) {
    this.#bus = bus;
    this.#names = names;
    this.rpc = rpc;
    this.#closing = closing;
  }

  static async open({ amqpUrl, namespace }: Place): Promise<Visitor> {
    await using opening = new ClosingStack();
    const names = namesOf(namespace);
    const bus = opening.use(
      await openAmqpBus({
        ...PORTS,
        url: amqpUrl,
        names,
        client: 'chaos',
        openWithinMs: OPEN_WITHIN_MS,
      }),
    );
    const rpc = opening.use(await RpcClient.open({ ...PORTS, bus, names }));
    return new Visitor(bus, names, rpc, opening.move());
  }

  /** Resolves when each of the parts has said that it has the faults. @throws BugError when one never does. */
  async arm(services: readonly string[], faults: readonly Fault[]): Promise<void> {
    await using control = await this.#control(services);
    let missing: readonly string[] = services;
    for (let tries = 0; missing.length > 0; tries++) {
      if (tries === TRIES) throw new BugError(`${missing.join(', ')} did not take the faults`);
      missing = await control.arm(faults, LEASE_MS);
    }
  }

  /** How often each fault of the run fired in these parts, since they were started. */
  async clear(services: readonly string[], run: string): Promise<ReadonlyMap<string, number>> {
    await using control = await this.#control(services);
    const { reports } = await control.clear({ run });
    const fired = new Map<string, number>();
    for (const { faultId, fired: times } of reports.flatMap((each) => each.reports)) {
      fired.set(faultId, (fired.get(faultId) ?? 0) + times);
    }
    return fired;
  }

  /** A record as any part sends them, in a message of this run. */
  async log(record: LogRecord, run: string): Promise<void> {
    const options = {
      exchange: this.#names.logs,
      routingKey: record.level,
      id: `log:${record.id}`,
      run,
    };
    const { outcome } = await this.#bus.publish(outgoing(records, { records: [record] }, options));
    if (outcome !== 'confirmed') throw new BugError(`the log record was ${outcome}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#closing[Symbol.asyncDispose]();
  }

  #control(services: readonly string[]): Promise<FaultControl> {
    const { clock, ids } = PORTS;
    const [bus, names] = [this.#bus, this.#names];
    return FaultControl.open({ bus, names, clock, ids, services, withinMs: ANSWER_WITHIN_MS });
  }
}
