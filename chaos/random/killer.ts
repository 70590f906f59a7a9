/** Kills one random process every few seconds. What dies is started again at once, by whoever keeps it. */
import type { Random } from '../../src/kernel/random.ts';
import { liveClock as clock } from '../../src/kernel/live.ts';
import { pick } from '../load/orders.ts';

export interface Victim {
  readonly name: string;
  /** `kill -9`, and started again; resolves when the next kill may come. */
  kill(): Promise<void>;
}

export interface Kill {
  readonly name: string;
  /** Monotonic milliseconds. */
  readonly at: number;
}

export interface KillerOptions {
  readonly victims: readonly Victim[];
  readonly random: Random;
  /** Between two kills, drawn anew each time. */
  readonly everyMs: readonly [from: number, to: number];
  readonly signal: AbortSignal;
}

/** Kills until the signal aborts; answers what was killed when. */
export async function killAround({
  victims,
  random,
  everyMs: [from, to],
  signal,
}: KillerOptions): Promise<readonly Kill[]> {
  const kills: Kill[] = [];
  for (;;) {
    await clock.sleep(random.integer(from, to), signal);
    if (signal.aborted) return kills;
    const victim = pick(random, victims);
    kills.push({ name: victim.name, at: clock.elapsed() });
    await victim.kill();
  }
}
