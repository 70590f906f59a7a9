/** Keeps the state file up to date, also over a while in which the disk takes nothing. */
import type { Clock, Timer } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';

export interface StateKeeperOptions<State> {
  readonly clock: Clock;
  /** Replaces the file in one step, or throws and leaves it as it was. */
  readonly write: (state: State) => void;
  readonly say: (line: string) => void;
}

const RETRY_MS = 500;

export class StateKeeper<State> implements AsyncDisposable {
  readonly #options: StateKeeperOptions<State>;
  #retry: Timer | undefined;
  #isBehind = false;

  constructor(options: StateKeeperOptions<State>) {
    this.#options = options;
  }

  /** Never throws: what cannot be written now is written later, unless something newer is. */
  keep(state: State): void {
    this.#retry?.cancel();
    this.#retry = undefined;
    try {
      this.#options.write(state);
    } catch (error) {
      this.#fellBehind(error, state);
      return;
    }
    if (this.#isBehind) this.#options.say('The state file is up to date again.');
    this.#isBehind = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#retry?.cancel();
  }

  #fellBehind(error: unknown, state: State): void {
    if (!this.#isBehind) {
      this.#options.say(`The state file cannot be written, trying again: ${messageOf(error)}`);
    }
    this.#isBehind = true;
    this.#retry = this.#options.clock.after(RETRY_MS, () => this.keep(state), { weak: true });
  }
}
