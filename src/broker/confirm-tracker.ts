/** Publisher confirms of one channel: numbers every publish and answers for each, many with one frame. */

export interface ConfirmFrame {
  readonly outcome: 'ack' | 'nack';
  readonly tag: number;
  readonly multiple: boolean;
}

export class ConfirmTracker {
  #published = 0;
  #answered = 0;
  /** Publishes that a full queue refused, in order. */
  #refused: number[] = [];

  /** Counts a publish; everything counted is answered by a later `answer`. */
  count(outcome: 'taken' | 'refused'): void {
    this.#published++;
    if (outcome === 'refused') this.#refused.push(this.#published);
  }

  /** Number of the newest publish. */
  get last(): number {
    return this.#published;
  }

  /** The frames that answer every open publish up to this number, in order. */
  answer(last: number): readonly ConfirmFrame[] {
    const frames: ConfirmFrame[] = [];
    const upTo = (tag: number, outcome: 'ack' | 'nack'): void => {
      const multiple = outcome === 'nack' || tag - this.#answered > 1;
      if (tag > this.#answered) frames.push({ outcome, tag, multiple });
      this.#answered = Math.max(this.#answered, tag);
    };
    for (const refused of this.#refused) {
      if (refused > last) break;
      upTo(refused - 1, 'ack');
      upTo(refused, 'nack');
    }
    upTo(last, 'ack');
    this.#refused = this.#refused.filter((tag) => tag > last);
    return frames;
  }

  /** The frame that refuses every open publish up to this number, if there is one. */
  refuse(last: number): readonly ConfirmFrame[] {
    if (last <= this.#answered) return [];
    const multiple = last - this.#answered > 1;
    this.#answered = last;
    this.#refused = this.#refused.filter((tag) => tag > last);
    return [{ outcome: 'nack', tag: last, multiple }];
  }
}
