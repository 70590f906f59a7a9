/** The eight points of a message's life: what armed faults ask for at each of them happens here, and nowhere else. */
import type { Point } from '../contracts/faults.ts';
import { traceIdOf } from '../kernel/trace.ts';
import type { IncomingMessage, OutgoingMessage } from './bus.ts';
import type { Part } from './part.ts';
import { publishUntilConfirmed } from './publisher.ts';

/** What is known of whatever passes: a message from the broker, or an order that came over HTTP. */
export type Passing = Pick<
  IncomingMessage,
  'type' | 'id' | 'run' | 'correlationId' | 'traceparent'
> &
  Partial<Pick<IncomingMessage, 'attempt'>>;

/** How something goes on from a point. */
export interface Passed {
  /** Set when a fault asks the part to say no, with this reason. */
  readonly declineWith: string | undefined;
  /** How many of it go on: 1 without faults, 0 when it was dropped. */
  readonly copies: number;
  /** Each copy waits by itself, up to this long, so that copies and neighbours overtake each other. */
  readonly scatterMs: number;
}

export type PointsPart = Pick<Part, 'bus' | 'clock' | 'random' | 'logger' | 'faults' | 'crash'>;

export class Points {
  readonly #part: PointsPart;
  readonly #signal: AbortSignal;

  /** @param signal aborts when the part closes: waits end early, and nothing more is published. */
  constructor(part: PointsPart, signal: AbortSignal) {
    this.#part = part;
    this.#signal = signal;
  }

  /** Passes a point: waits, throws or ends the process when faults say so. */
  async pass(point: Point, message: Passing): Promise<Passed> {
    let declineWith: string | undefined;
    let copies = 1;
    let scatterMs = 0;
    for (const action of this.#part.faults.at(point, message)) {
      if (action.verb === 'crash') this.#part.crash();
      this.#part.logger.log('debug', `fault at ${point}: ${action.verb}`, factsOf(message));
      if (action.verb === 'error') throw new Error(action.message);
      if (action.verb === 'decline') declineWith ??= action.reason;
      if (action.verb === 'delay') await this.#wait(action.minMs, action.maxMs);
      if (action.verb === 'drop') copies = 0;
      if (action.verb === 'duplicate') copies *= 1 + action.copies;
      if (action.verb === 'reorder') scatterMs = Math.max(scatterMs, action.withinMs);
    }
    return { declineWith, copies, scatterMs };
  }

  /** The one point inside a transaction: it cannot wait, only fail or end the process. */
  passCommit(message: Passing): void | Promise<void> {
    for (const action of this.#part.faults.at('commit', message)) {
      if (action.verb === 'crash') this.#part.crash();
      if (action.verb === 'error') throw new Error(action.message);
    }
  }

  /** The message changed nothing: its effect happened before. */
  noteDuplicate(_message: Passing): void {
    return undefined;
  }

  /** One copy's own wait after a point that scatters. */
  scatter({ scatterMs }: Pick<Passed, 'scatterMs'>): Promise<void> {
    return scatterMs === 0 ? Promise.resolve() : this.#wait(0, scatterMs);
  }

  /**
   * Publishes past `publish` and `confirm`, which belong to what caused the message. A dropped one counts as
   * published: its sender is not to notice. Answers false when it was given up because the part is closing.
   */
  async publish(cause: Passing, message: OutgoingMessage): Promise<boolean> {
    const { copies } = await this.pass('publish', cause);
    const options = { ...this.#part, signal: this.#signal };
    const sent = await Promise.all(
      Array.from({ length: copies }, () => publishUntilConfirmed(message, options)),
    );
    await this.pass('confirm', cause);
    return sent.every(Boolean) || !message.durable;
  }

  #wait(minMs: number, maxMs: number): Promise<void> {
    const { clock, random } = this.#part;
    return clock.sleep(random.integer(minMs, maxMs), this.#signal);
  }
}

/** What a record of a message says beside its text. */
export function factsOf(message: Passing): { orderId?: string; traceId?: string } {
  const traceId = message.traceparent === undefined ? undefined : traceIdOf(message.traceparent);
  return {
    ...(message.correlationId !== undefined && { orderId: message.correlationId }),
    ...(traceId !== undefined && { traceId }),
  };
}
