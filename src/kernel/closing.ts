/** Whoever opens something closes it: a stack of closers, last opened closed first. */

/** Closers run in reverse order of opening; one that fails does not stop the others. */
export class ClosingStack implements AsyncDisposable {
  #closers: Array<() => unknown> = [];

  /** Registers a closer for something that has just been opened. */
  defer(close: () => unknown): void {
    this.#closers.push(close);
  }

  /** Registers an opened resource and returns it, so that opening reads as one line. */
  use<T extends AsyncDisposable>(resource: T): T {
    this.defer(() => resource[Symbol.asyncDispose]());
    return resource;
  }

  /** Hands all closers to a new stack: what was opened now belongs to somebody else. */
  move(): ClosingStack {
    const moved = new ClosingStack();
    moved.#closers = this.#closers;
    this.#closers = [];
    return moved;
  }

  /** @throws AggregateError when a closer failed, after all have run. */
  async [Symbol.asyncDispose](): Promise<void> {
    const errors: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, 'closing failed');
  }
}
