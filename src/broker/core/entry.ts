/** A message's place in one queue. */
import type { Message } from './message.ts';

/** Where the entry is: `absent` from disk, waiting in the `pending` batch, or `stored`. */
export type Durability = 'absent' | 'pending' | 'stored';

export interface QueueEntry {
  readonly message: Message;
  /** Position in its queue: the order of arrival, kept through requeue and restart. */
  readonly seq: number;
  /** When it dies unread, wall clock in ms; undefined = never. */
  readonly expiresAt: number | undefined;
  /** Number of the queue in the store; 0 for a queue that is not stored. */
  readonly queueRow: number;
  redelivered: boolean;
  /** How often it came back unsettled: counted by quorum queues only. */
  deliveryCount: number;
  durability: Durability;
}
