/** Sends what transitions decided without a delivery behind them; the saga's row keeps it as pending until answered. */
import type { OutgoingMessage } from '../messaging/bus.ts';
import type { Part } from '../messaging/part.ts';
import type { Passing, Points } from '../messaging/points.ts';

/** Messages that the broker has not taken yet, and the sweeper still brings more. */
const MAX_TRIES = 1_000;

export class Outbox {
  readonly #part: Pick<Part, 'bus'>;
  readonly #points: Points;
  /** Ids of messages that are being published: a slow broker does not get them twice from here. */
  readonly #sending = new Set<string>();
  #tries = 0;

  constructor(part: Pick<Part, 'bus'>, points: Points) {
    this.#part = part;
    this.#points = points;
  }

  /** What was sent again is not out yet: more of it would only pile up. */
  get isBehind(): boolean {
    return this.#tries >= MAX_TRIES;
  }

  /** The first commands of an order: tried until the broker has them. */
  send(messages: readonly OutgoingMessage[], cause: Passing): void {
    for (const each of messages) this.#once(each, () => this.#points.publish(cause, each));
  }

  /** Tried once: one that a full queue refuses comes again with the sweeper, and holds up no other. */
  try(messages: readonly OutgoingMessage[]): void {
    for (const each of messages) {
      this.#once(each, async () => {
        this.#tries++;
        const result = await this.#part.bus.publish(each).finally(() => this.#tries--);
        this.#points.noteTried(each, result);
      });
    }
  }

  #once({ id }: OutgoingMessage, publish: () => Promise<unknown>): void {
    if (this.#sending.has(id)) return;
    this.#sending.add(id);
    // A failure, which only a fault can bring, leaves the message to the sweeper.
    void publish()
      .catch(() => undefined)
      .finally(() => this.#sending.delete(id));
  }
}
