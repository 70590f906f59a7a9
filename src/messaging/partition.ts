/** A network that swallows everything for a while: what is sent is lost, nothing arrives, and nobody is told. */
import type { Socket } from 'node:net';

import type { Clock, Timer } from '../kernel/clock.ts';

/** Node has no word for it: the stream is given other ends. */
const BLACK_HOLE: Pick<Socket, '_write' | '_writev' | '_final' | '_destroy' | 'push'> = {
  _write: (_chunk, _encoding, done) => done(),
  _writev: (_chunks, done) => done(),
  _final: (done) => done(),
  /** What comes in, the end of the connection included. */
  push: () => true,
  /** Whoever gives the connection up here does not tell the other end. */
  _destroy: (error, done) => done(error),
};

/**
 * The connections of one part. A cut takes their bytes away in both directions without closing them, so that
 * neither end knows: the broker finds out by its heartbeat, or not at all. When it is over the old connections
 * are gone, as they would be after a cable was plugged in again.
 */
export class Partition {
  readonly #clock: Clock;
  readonly #sockets = new Set<Socket>();
  /** Of the sockets that are cut off. */
  #destroyers = new Map<Socket, Socket['_destroy']>();
  #endsAt = 0;
  #end: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** For the rest of its life a cut takes this socket along. */
  guard(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    if (this.#leftMs() > 0) this.#swallow(socket);
  }

  /** Cuts the part off from now on, for so long; while it is cut off, for the longer of both. */
  cut(forMs: number): void {
    this.#endsAt = Math.max(this.#endsAt, this.#clock.elapsed() + forMs);
    for (const socket of this.#sockets) this.#swallow(socket);
    this.#end?.cancel();
    this.#end = this.#clock.after(this.#leftMs(), () => this.#heal(), { weak: true });
  }

  /** Waits as connecting does while packets are lost. @throws Error when that takes longer than the limit. */
  async passable(limitMs: number): Promise<void> {
    const leftMs = this.#leftMs();
    if (leftMs <= 0) return;
    await this.#clock.sleep(Math.min(leftMs, limitMs));
    if (this.#leftMs() > 0) throw new Error('connect ETIMEDOUT');
  }

  #leftMs(): number {
    return this.#endsAt - this.#clock.elapsed();
  }

  #swallow(socket: Socket): void {
    if (this.#destroyers.has(socket)) return;
    this.#destroyers.set(socket, socket['_destroy'].bind(socket));
    Object.assign(socket, BLACK_HOLE);
  }

  #heal(): void {
    const destroyers = this.#destroyers;
    this.#destroyers = new Map();
    for (const [socket, destroy] of destroyers) {
      Object.assign(socket, { _destroy: destroy });
      // Given up meanwhile: only now does the other end hear of it.
      if (socket.destroyed) destroy(null, () => undefined);
      else socket.destroy(new Error('the connection did not outlive the cut'));
    }
  }
}
