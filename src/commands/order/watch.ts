/** Shows an order live, step by step, and says what is missing when nothing moves. */
import { FINAL_STATUSES, type JournalEntry } from '../../contracts/orders.ts';
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
}

/** So long without a step, and somebody should be told why. */
const STALLED_MS = 2_000;
/** The order is final; its mail may come a little later, or much later. */
const MAIL_MS = 1_500;

/** What was seen until the order was closed, the deadline came, or the user stopped. */
export async function watchOrder(options: WatchOptions): Promise<readonly JournalEntry[]> {
  const { client, context, orderId, deadline } = options;
  using progress = await context.output.progress();
  const stop = new AbortController();
  const alarms = openAlarms(context, stop, deadline);
  const entries: JournalEntry[] = [];
  const stalled = (): void => void reportStall({ client, progress, entries });
  progress.update('sending the order');
  alarms.onStall(stalled);
  try {
    for await (const entry of client.follow(orderId, stop.signal)) {
      progress.step(markOf(entry.event), lineOf(entry, entries.at(-1)));
      entries.push(entry);
      if (FINAL_STATUSES.includes(entry.status)) alarms.endWithin(MAIL_MS);
      else alarms.onStall(stalled);
      progress.update(`${entry.status}: ${describeWait(entry.status)}`);
    }
  } finally {
    alarms.cancel();
  }
  const last = entries.at(-1);
  if (last !== undefined && FINAL_STATUSES.includes(last.status) && last.event !== 'notified') {
    progress.step('info', 'the mail follows when notification answers');
  }
  return entries;
}

/** `reserved   inventory holds the copies  3.0 ms`: the time since the step before. */
function lineOf(entry: JournalEntry, previous: JournalEntry | undefined): string {
  const text = describeStep(entry);
  if (previous === undefined) return text;
  return `${text}  ${formatDuration(Math.max(0, entry.at - previous.at))}`;
}

interface Alarms {
  /** Calls back when nothing has happened for a while from now on. */
  onStall(callback: () => void): void;
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
      stall = clock.after(STALLED_MS, callback);
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

async function reportStall({ client, progress, entries }: Stall): Promise<void> {
  const seen = entries.length;
  const readiness = await client.readiness().catch(() => undefined);
  if (entries.length !== seen) return;
  if (readiness === undefined) {
    return progress.step('warning', 'the mediator does not answer; see `wonderland ps`');
  }
  for (const check of readiness.checks.filter((each) => !each.ok)) {
    const what = `${check.name} does not answer; the order waits for it`;
    progress.step('warning', `${what}. Start it: wonderland restart ${check.name}`);
  }
}
