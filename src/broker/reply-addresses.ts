/** Direct reply-to: addresses that lead straight to a channel, without a queue. */
import type { Message } from './core/message.ts';

/** The pseudo-queue a client consumes from, and names in `reply-to`. */
export const REPLY_TO = 'amq.rabbitmq.reply-to';
const PREFIX = `${REPLY_TO}.`;

/** A channel that consumes replies. */
export interface ReplyTarget {
  deliverReply(message: Message): void;
}

export class ReplyAddresses {
  readonly #targets = new Map<string, ReplyTarget>();

  /** Registers a channel under a token nobody can guess, and answers the address for it. */
  add(token: string, target: ReplyTarget): string {
    const address = PREFIX + token;
    this.#targets.set(address, target);
    return address;
  }

  remove(address: string): void {
    this.#targets.delete(address);
  }

  find(address: string): ReplyTarget | undefined {
    return this.#targets.get(address);
  }
}

/** Is this routing key a reply address, known or gone? */
export function isReplyAddress(name: string): boolean {
  return name.startsWith(PREFIX);
}
