/** The way out to one socket: collects what a turn of the event loop writes and sends it in one go. */
import type { Socket } from 'node:net';

import { OutputBuffer } from './codec/output-buffer.ts';

/** Unsent bytes after which deliveries to this socket wait. */
const HIGH_WATER_BYTES = 1024 * 1024;

export class SocketWriter {
  readonly out = new OutputBuffer();
  readonly #socket: Socket;
  readonly #relieved: () => void;
  #isScheduled = false;
  #isBlocked = false;

  /** `relieved` is called when a congested socket takes more again. */
  constructor(socket: Socket, relieved: () => void) {
    this.#socket = socket;
    this.#relieved = relieved;
    socket.on('drain', () => {
      this.#isBlocked = false;
      relieved();
    });
  }

  get isCongested(): boolean {
    return this.#isBlocked || this.out.length > HIGH_WATER_BYTES;
  }

  /** At the end of this tick: one input chunk becomes one write, whatever it caused. */
  flushSoon(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    process.nextTick(() => this.flush());
  }

  flush(): void {
    this.#isScheduled = false;
    const wasCongested = this.isCongested;
    const chunks = this.out.drain();
    if (chunks.length === 0 || !this.#socket.writable) return;
    if (chunks.length > 1) this.#socket.cork();
    let hasRoom = true;
    for (const chunk of chunks) hasRoom = this.#socket.write(chunk);
    if (chunks.length > 1) this.#socket.uncork();
    this.#isBlocked = !hasRoom;
    if (wasCongested && hasRoom) setImmediate(this.#relieved);
  }
}
