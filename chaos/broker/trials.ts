/** What is done to a broker under load, and whether every queue of the shop works again afterwards, by itself. */
import { connect } from 'amqplib';

import { liveClock } from '../../src/kernel/live.ts';
import { declareTopology, namesOf } from '../../src/messaging/topology.ts';
import { startBrokerLoad } from '../../test/support/broker-load.ts';
import type { KillableBroker } from '../../test/support/killable-broker.ts';

/** From the moment at which the broker answers again. */
const RECOVERS_WITHIN_MS = 180_000;
/** Long enough for a RabbitMQ to have left its dangerous youth. */
const GROWN_UP_MS = 5_000;

export interface Trial {
  readonly name: string;
  /** Ends with a broker that answers. */
  readonly harm: (broker: KillableBroker) => Promise<void>;
}

/** Kills a broker so long after the first declaration it ever saw. */
const killedYoung = (afterMs: number): Trial => ({
  name: `killed ${afterMs} ms after the first declare`,
  harm: async (broker) => {
    await liveClock.sleep(afterMs);
    await broker.kill();
    await broker.start();
  },
});

export const TRIALS: readonly Trial[] = [
  ...[0, 100, 300, 1_000, 3_000].map(killedYoung),
  {
    name: 'data directory deleted under load, then killed',
    harm: async (broker) => {
      await liveClock.sleep(GROWN_UP_MS);
      await broker.wipe();
      await liveClock.sleep(1_000);
      await broker.kill();
      // What it still wrote between the two.
      await broker.wipe();
      await broker.start();
    },
  },
  {
    name: 'paused for 15 s',
    harm: async (broker) => {
      await liveClock.sleep(GROWN_UP_MS);
      broker.pause();
      await liveClock.sleep(15_000);
      broker.resume();
    },
  },
];

export interface TrialResult {
  readonly recovered: boolean;
  /** Until every queue had taken and handed out a fresh message. */
  readonly recoveredMs: number;
  /** Queues that had to be deleted and declared again. */
  readonly healed: readonly string[];
  readonly warnings: readonly string[];
}

/** On a broker that has never seen a client; it is left as it is. */
export async function runTrial(broker: KillableBroker, trial: Trial): Promise<TrialResult> {
  const first = await declareFirst(broker.url);
  const loading = startBrokerLoad(broker.url);
  try {
    await trial.harm(broker);
    const started = liveClock.elapsed();
    const limit = new AbortController();
    const timer = liveClock.after(RECOVERS_WITHIN_MS, () => limit.abort());
    await using load = await loading;
    const recovered = await load.roundTrip(limit.signal);
    timer.cancel();
    const recoveredMs = Math.round(liveClock.elapsed() - started);
    const { warnings } = load;
    const healed = warnings.flatMap((each) => /queue (\S+) did not answer/.exec(each)?.[1] ?? []);
    return { recovered, recoveredMs, healed, warnings };
  } finally {
    first();
  }
}

/** The clock of a young broker starts here. Answers how to let go of the connection. */
async function declareFirst(url: string): Promise<() => void> {
  const connection = await connect(url);
  connection.on('error', () => undefined);
  const channel = await connection.createChannel();
  channel.on('error', () => undefined);
  void declareTopology(channel, namesOf('')).catch(() => undefined);
  return () => void connection.close().catch(() => undefined);
}
