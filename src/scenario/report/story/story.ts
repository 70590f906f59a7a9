/** What happened to one order, as messages between parts: what diagrams draw and trails tell. */
import type { OrderStatus } from '../../../contracts/orders.ts';

/** The person who orders, and whoever put a raw message into a queue: no parts, but at one end of a message. */
export const BUYER = 'buyer';
export const OUTSIDE = 'outside';

/** What became of a message after it was sent. */
export type Fate =
  | 'arrived'
  /** A fault took it away before it was sent. */
  | 'dropped'
  /** It was at the part, and a fault took it away unread. */
  | 'swallowed'
  /** No queue took it. */
  | 'unroutable'
  /** The broker did not take it, or did not say so. */
  | 'refused'
  /** The broker has it, and nobody was seen to get it. */
  | 'unseen';

/** One message on its way once. Times are milliseconds since the run began. */
export interface Hop {
  readonly kind: 'hop';
  readonly message: string;
  readonly from: string;
  readonly to: string;
  readonly sentAtMs: number;
  /** Absent when it did not arrive. */
  readonly arrivedAtMs?: number;
  readonly fate: Fate;
  /** Why there is more than one: handed over again by the broker, or sent again. */
  readonly again?: 'redelivered' | 'copy';
  /** Of a command, when it was not the first. */
  readonly attempt?: number;
}

/** Something that happened in one part. */
export interface Mark {
  readonly kind: 'mark';
  readonly part: string;
  readonly atMs: number;
  readonly what: 'fault' | 'duplicate' | 'dead-letter' | 'status' | 'down' | 'up';
  readonly text: string;
  /** Of a status. */
  readonly status?: OrderStatus;
}

export type Scene = Hop | Mark;

export interface Story {
  readonly order: string;
  /** In order of time; a hop by when it was sent. */
  readonly scenes: readonly Scene[];
}

/** When a scene begins. */
export function startOf(scene: Scene): number {
  return scene.kind === 'hop' ? scene.sentAtMs : scene.atMs;
}
