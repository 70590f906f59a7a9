/** Who may be in hand together: most messages with each other, one that parts crashed over only alone. */

interface Waiting {
  readonly isAlone: boolean;
  readonly enter: () => void;
}

/** First come, first in: a message that wants to be alone waits for those before it, and those after it wait for it. */
export class Lane {
  readonly #waiting: Waiting[] = [];
  #inside = 0;
  #isTaken = false;

  /** Resolves when the message may start, with what is to be called when it ended. */
  async enter(isAlone: boolean): Promise<() => void> {
    if (!this.#mayEnter(isAlone) || this.#waiting.length > 0) {
      await new Promise<void>((enter) => this.#waiting.push({ isAlone, enter }));
    } else {
      this.#take(isAlone);
    }
    let isInside = true;
    return () => {
      if (isInside) this.#leave();
      isInside = false;
    };
  }

  #mayEnter(isAlone: boolean): boolean {
    return isAlone ? this.#inside === 0 : !this.#isTaken;
  }

  #take(isAlone: boolean): void {
    this.#inside++;
    this.#isTaken = isAlone;
  }

  #leave(): void {
    this.#inside--;
    this.#isTaken = false;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (!this.#mayEnter(next.isAlone)) return;
      this.#waiting.shift();
      // Taken here, or two that want to be alone could both find it empty.
      this.#take(next.isAlone);
      next.enter();
    }
  }
}
