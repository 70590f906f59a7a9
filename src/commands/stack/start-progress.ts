/** Shows a starting stack: in a terminal one live line per part, elsewhere one plain line per change. */
import type { PartStatus, StackStatus } from '../../stack/stack-status.ts';
import type { StartProgress } from '../../stack/start-stack.ts';
import type { CommandContext } from '../context.ts';
import type { Progress } from '../progress.ts';

export interface StartView extends StartProgress, Disposable {
  stop(): void;
}

const REDRAW_MS = 100;

export async function showStart(name: string, context: CommandContext): Promise<StartView> {
  return new LiveStart(name, context, await context.output.progress());
}

class LiveStart implements StartView {
  readonly #name: string;
  readonly #context: CommandContext;
  readonly #progress: Progress;
  readonly #began: number;
  readonly #told = new Map<string, string>();
  #last: StackStatus | undefined;
  #isStopped = false;

  constructor(name: string, context: CommandContext, progress: Progress) {
    this.#name = name;
    this.#context = context;
    this.#progress = progress;
    this.#began = context.clock.elapsed();
  }

  onEngine(engine: string, reason: string): void {
    this.#progress.step('info', `Starting the stack "${this.#name}": ${engine} (${reason})`);
    if (this.#context.terminal.err.isLive) this.#redraw();
  }

  onStatus(status: StackStatus): void {
    this.#last = status;
    if (this.#context.terminal.err.isLive) return;
    for (const part of status.parts) this.#tell(part);
  }

  stop(): void {
    this.#isStopped = true;
    this.#progress.stop();
  }

  [Symbol.dispose](): void {
    this.stop();
  }

  /** Being started is no news; being ready is, and so is every trouble. */
  #tell(part: PartStatus): void {
    if (this.#told.get(part.name) === part.state) return;
    this.#told.set(part.name, part.state);
    const text = `${part.name} ${part.state}  ${this.#seconds()}`;
    if (part.state === 'ready') this.#progress.step('done', text);
    if (part.state === 'failed') this.#progress.step('failed', text);
    if (part.state === 'backoff') this.#progress.step('warning', text);
  }

  #redraw(): void {
    if (this.#isStopped) return;
    this.#progress.update(this.#picture());
    this.#context.clock.after(REDRAW_MS, () => this.#redraw(), { weak: true });
  }

  #picture(): string {
    const parts = this.#last?.parts ?? [];
    const isWaiting = parts.length > 0 && parts.every((part) => part.state === 'ready');
    const title = isWaiting ? 'waiting for a message to make the trip' : 'starting';
    const width = Math.max(0, ...parts.map((part) => part.name.length));
    const now = this.#context.clock.now();
    const lines = parts.map((part) => {
      const elapsed =
        part.state === 'ready' ? '' : `  ${((now - part.since) / 1_000).toFixed(1)} s`;
      return `  ${MARKS[part.state] ?? '·'} ${part.name.padEnd(width)}  ${part.state}${elapsed}`;
    });
    return [`${title}  ${this.#seconds()}`, ...lines].join('\n');
  }

  #seconds(): string {
    return `${((this.#context.clock.elapsed() - this.#began) / 1_000).toFixed(1)} s`;
  }
}

const MARKS: Readonly<Partial<Record<PartStatus['state'], string>>> = {
  ready: '✔',
  failed: '✖',
  backoff: '!',
};
