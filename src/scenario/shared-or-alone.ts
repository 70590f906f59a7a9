/** A lock that many may share, or one may have alone; whoever asks first gets it first. */

type Mode = 'shared' | 'alone';

export class SharedOrAlone {
  readonly #waiting: Array<{ readonly mode: Mode; readonly enter: () => void }> = [];
  #sharing = 0;
  #isAlone = false;

  /** Does the work as soon as it may be done in this mode. */
  async with<T>(mode: Mode, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      this.#waiting.push({ mode, enter });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      if (mode === 'alone') this.#isAlone = false;
      else this.#sharing--;
      this.#admit();
    }
  }

  #admit(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#isAlone || (next.mode === 'alone' && this.#sharing > 0)) return;
      this.#waiting.shift();
      if (next.mode === 'alone') this.#isAlone = true;
      else this.#sharing++;
      next.enter();
    }
  }
}
