/** One connection through a gate: the two sockets, and what flows between them. */
import { connect, type Socket } from 'node:net';

export interface Upstream {
  readonly host: string;
  readonly port: number;
}

export class GatedConnection {
  readonly #upstream: Upstream;
  readonly #client: Socket;
  /** Absent until something may flow for the first time: a server does not wait long for a first word. */
  #server: Socket | undefined;

  /** Nothing flows before `thaw`. */
  constructor(client: Socket, upstream: Upstream) {
    this.#upstream = upstream;
    this.#client = client.setNoDelay(true);
    client.on('error', () => undefined); // `close` follows
    client.on('close', () => this.#server?.destroySoon());
  }

  /** Lets both directions flow, and each end by itself. */
  thaw(): void {
    const server = (this.#server ??= this.#connect());
    this.#client.pipe(server);
    server.pipe(this.#client);
  }

  /** What is on its way in a buffer may still arrive; nothing is read any more. */
  freeze(): void {
    for (const socket of [this.#client, this.#server]) socket?.unpipe().pause();
  }

  /** `abruptly`: with a reset, as if the other side had died. */
  drop(abruptly: boolean): void {
    for (const socket of [this.#client, this.#server]) {
      if (abruptly && socket?.connecting === false) socket.resetAndDestroy();
      else socket?.destroy();
    }
  }

  #connect(): Socket {
    const server = connect({ ...this.#upstream, noDelay: true, allowHalfOpen: true });
    server.on('error', () => undefined);
    server.on('close', () => this.#client.destroySoon());
    return server;
  }
}
