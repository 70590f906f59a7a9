/** Shows an order live, step by step, and says what is missing when nothing moves. */
import { FINAL_STATUSES, type JournalEntry, type OrderStatus } from '../../contracts/orders.ts';
import { formatDuration } from '../../kernel/durations.ts';
import type { Timer } from '../../kernel/clock.ts';
import type { CommandContext } from '../context.ts';
import type { MediatorClient } from '../mediator-client.ts';
import type { Progress } from '../progress.ts';
import { describeStep, describeWait, markOf } from './steps.ts';

export interface WatchOptions {
  readonly client: MediatorClient;
  readonly context: CommandContext;
  readonly orderId: string;
  /** On the monotonic clock, milliseconds. */
  readonly deadline: number;
  /** What is said until the first step comes. */
  readonly beginning: string;
  /** Steps up to this one are known already, and not shown. */
  readonly afterSeq?: number;
  /** Of the event in each line; absent: as wide as those of an order that goes well. */
  readonly eventWidth?: number;
  /** The statuses that are watched for; only the mail may come after. */
  readonly endings?: readonly OrderStatus[];
}

/** So long without a step, and somebody should be told why. */
const STALLED_MS = 2_000;
/** The order is final; its mail may come a little later, or much later. */
const MAIL_MS = 1_500;

export interface Watched {
  readonly entries: readonly JournalEntry[];
  /** Parts that did not answer when nothing moved. */
  readonly silent: readonly string[];
}

/** What was seen until the order was closed, the deadline came, or the user stopped. */
export async function watchOrder(options: WatchOptions): Promise<Watched> {
  const { client, context, orderId, deadline, afterSeq = 0, endings = FINAL_STATUSES } = options;
  using progress = await context.output.progress();
  const stop = new AbortController();
  const alarms = openAlarms(context, stop, deadline);
  const entries: JournalEntry[] = [];
  let silent: readonly string[] = [];
  const stalled = async (): Promise<void> => {
    silent = await reportStall({ client, progress, entries });
  };
  progress.update(options.beginning);
  alarms.onStall(stalled);
  try {
    for await (const entry of client.follow(orderId, stop.signal)) {
      if (entry.seq <= afterSeq) continue;
      progress.step(markOf(entry.event), lineOf(entry, entries.at(-1), options.eventWidth));
      entries.push(entry);
      if (endings.includes(entry.status)) alarms.endWithin(MAIL_MS);
      else alarms.onStall(stalled);
      progress.update(`${entry.status}: ${describeWait(entry.status)}`);
    }
  } finally {
    alarms.cancel();
  }
  const last = entries.at(-1);
  if (last !== undefined && endings.includes(last.status) && last.event !== 'notified') {
    progress.step('info', 'the mail follows when notification answers');
  }
  return { entries, silent };
}

/** `reserved   inventory holds the copies  3.0 ms`: the time since the step before. */
function lineOf(entry: JournalEntry, previous: JournalEntry | undefined, width?: number): string {
  const text = describeStep(entry, width);
  if (previous === undefined) return text;
  return `${text}  ${formatDuration(Math.max(0, entry.at - previous.at))}`;
}

interface Alarms {
  /** Calls back when nothing has happened for a while from now on. */
  onStall(callback: () => Promise<void>): void;
  /** Ends the watching after this long at the latest. */
  endWithin(ms: number): void;
  cancel(): void;
}

function openAlarms({ clock }: CommandContext, stop: AbortController, deadline: number): Alarms {
  const end = (): void => stop.abort();
  let ending: Timer = clock.after(Math.max(0, deadline - clock.elapsed()), end);
  let stall: Timer | undefined;
  return {
    onStall(callback) {
      stall?.cancel();
      stall = clock.after(STALLED_MS, () => void callback());
    },
    endWithin(ms) {
      stall?.cancel();
      ending.cancel();
      ending = clock.after(ms, end);
    },
    cancel() {
      stall?.cancel();
      ending.cancel();
    },
  };
}

interface Stall {
  readonly client: MediatorClient;
  readonly progress: Progress;
  readonly entries: readonly JournalEntry[];
}

/** Says which parts do not answer, and returns their names; none when the order has moved meanwhile. */
async function reportStall({ client, progress, entries }: Stall): Promise<readonly string[]> {
  const seen = entries.length;
  const readiness = await client.readiness().catch(() => undefined);
  if (entries.length !== seen) return [];
  if (readiness === undefined) {
    progress.step('warning', 'the mediator does not answer; see `wonderland ps`');
    return ['mediator'];
  }
  const silent = readiness.checks.filter((check) => !check.ok).map((check) => check.name);
  for (const name of silent) {
    const what = `${name} does not answer; the order waits for it`;
    progress.step('warning', `${what}. Start it: wonderland restart ${name}`);
  }
  return silent;
}
