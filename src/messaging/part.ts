/** What every process of a stack has in common: its settings, its bus, its logger and its faults. */
import type { Writable } from 'node:stream';

import type { Settings } from '../config/settings.ts';
import { required } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { skewable } from '../kernel/clock-skew.ts';
import { ClosingStack } from '../kernel/closing.ts';
import { idsFrom, type Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import type { Random } from '../kernel/random.ts';
import { openAmqpBus } from './amqp-bus.ts';
import { BusLogger } from './bus-logger.ts';
import type { Bus } from './bus.ts';
import { listenForFaults } from './fault-listener.ts';
import { FaultBoard, NO_FAULTS, type Faults } from './faults.ts';
import { Partition } from './partition.ts';
import { FileRecorder, NO_RECORDER, type Recorder } from './recorder.ts';
import { namesOf, type Names } from './topology.ts';

export interface Part extends AsyncDisposable {
  /** `mediator`, `inventory`, … */
  readonly service: string;
  /** This process among others of the same service. */
  readonly instance: string;
  readonly settings: Settings;
  /** Its wall time may be wrong on purpose: everything in the part tells the time by it. */
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly names: Names;
  readonly bus: Bus;
  readonly logger: Logger;
  readonly faults: Faults;
  /** Where messages of recorded runs leave their traces. */
  readonly recorder: Recorder;
  /** Ends this process at once, as `kill -9` does: for faults. */
  readonly crash: () => never;
}

export interface PartOptions {
  readonly service: string;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly crash: () => never;
  /** Where the part's own console lines go, as NDJSON. */
  readonly output: Writable;
  readonly signal?: AbortSignal;
  /** How long to wait for the broker at start; the default suits a stack that is starting. */
  readonly openWithinMs?: number;
}

/**
 * Connects a part to its broker, declares the topology, and opens its log and control channels.
 * @throws UserError `invalid-config` without an AMQP URL, `broker-unreachable` when nobody answers.
 */
export async function openPart(options: PartOptions): Promise<Part> {
  return options.settings.faultsAllowed ? openDevelopmentPart(options) : openPlainPart(options);
}

/** Whatever can be done to a part on purpose exists only in parts that were started for it. */
async function openDevelopmentPart(options: PartOptions): Promise<Part> {
  const { service, settings, random } = options;
  const clock = skewable(options.clock);
  const ids = idsFrom(clock, (bytes) => options.ids.hex(bytes));
  const partition = new Partition(clock);
  const board = new FaultBoard({ service, clock, random });
  const closing = new ClosingStack();
  const part = closing.use(await openPlainPart({ ...options, clock, ids }, partition));
  const { instance, logger, bus, names } = part;
  const { dataDir } = settings;
  const recorder =
    dataDir === undefined
      ? NO_RECORDER
      : new FileRecorder({ service, instance, dataDir, clock, logger });
  closing.defer(() => recorder[Symbol.dispose]());
  const ears = { service, instance, bus, names, ids, clock, partition, board, logger };
  closing.use(await listenForFaults(ears));
  return {
    ...part,
    faults: board,
    recorder,
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}

async function openPlainPart(options: PartOptions, partition?: Partition): Promise<Part> {
  const { service, settings, clock, random, ids, crash } = options;
  const url = required(settings.amqpUrl, 'WONDERLAND_AMQP_URL');
  const names = namesOf(settings.namespace);
  const instance = `${settings.part ?? service}-${ids.hex(3)}`;
  const closing = new ClosingStack();
  const logger = new BusLogger({ ...options, instance, names, level: settings.logLevel });
  const bus = closing.use(
    await openAmqpBus({
      url,
      names,
      client: service,
      clock,
      random,
      logger,
      openWithinMs: options.openWithinMs ?? 30_000,
      ...(options.signal !== undefined && { signal: options.signal }),
      ...(partition !== undefined && { partition }),
    }),
  );
  closing.use(logger);
  logger.connect(bus);
  const part = { service, instance, settings, clock, random, ids, names, bus, logger };
  return {
    ...part,
    faults: NO_FAULTS,
    recorder: NO_RECORDER,
    crash,
    [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose](),
  };
}
