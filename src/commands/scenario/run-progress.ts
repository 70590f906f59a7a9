/** Shows what is being played, and one line for each run that is over. */
import { formatDuration } from '../../kernel/durations.ts';
import type { Timer } from '../../kernel/clock.ts';
import type { Plan } from '../../scenario/plan.ts';
import { isPlayed, type RunResult } from '../../scenario/run-scenarios.ts';
import { runLine } from '../../scenario/report/text.ts';
import type { CommandContext } from '../context.ts';
import type { Mark, Progress } from '../progress.ts';

const REDRAW_MS = 1_000;
/** More names than these do not fit into a line. */
const SHOWN = 3;

const MARKS = { passed: 'done', failed: 'failed', inconclusive: 'warning' } as const;

/** Disposing ends the live line. */
export class RunProgress implements Disposable {
  readonly #context: Pick<CommandContext, 'clock' | 'terminal'>;
  readonly #progress: Progress;
  readonly #total: number;
  /** Runs that go on, and since when. */
  readonly #playing = new Map<Plan, number>();
  #done = 0;
  #timer: Timer | undefined;

  constructor(
    context: Pick<CommandContext, 'clock' | 'terminal'>,
    progress: Progress,
    total: number,
  ) {
    this.#context = context;
    this.#progress = progress;
    this.#total = total;
  }

  begin(plan: Plan): void {
    this.#playing.set(plan, this.#context.clock.elapsed());
    this.#show();
  }

  end(result: RunResult): void {
    this.#playing.delete(result.plan);
    this.#done++;
    this.#progress.step(markOf(result), lineOf(result));
    this.#show();
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    this.#progress.stop();
  }

  #show(): void {
    this.#timer?.cancel();
    if (!this.#context.terminal.err.isLive || this.#playing.size === 0) return;
    this.#progress.update(this.#text());
    this.#timer = this.#context.clock.after(REDRAW_MS, () => this.#show(), { weak: true });
  }

  /** `3 of 24 done · mediator-crash [point=ack] 12.1 s`. */
  #text(): string {
    const now = this.#context.clock.elapsed();
    const names = [...this.#playing].slice(0, SHOWN).map(([plan, since]) => {
      const tookMs = now - since;
      return tookMs < REDRAW_MS ? plan.title : `${plan.title} ${formatDuration(tookMs)}`;
    });
    const more = this.#playing.size - names.length;
    const playing = [...names, ...(more > 0 ? [`and ${more} more`] : [])].join(', ');
    return this.#total === 1 ? playing : `${this.#done} of ${this.#total} done · ${playing}`;
  }
}

function markOf(result: RunResult): Mark {
  return isPlayed(result) ? MARKS[result.play.verdict] : 'failed';
}

function lineOf(result: RunResult): string {
  if (isPlayed(result)) return runLine(result);
  return `${result.plan.title}  NOT PLAYED: ${result.error.message}`;
}
