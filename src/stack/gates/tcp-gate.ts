/** A gate before a server of somebody else: lets everything through, can be shut or frozen for a while, and opens by itself. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import type { Clock, Timer } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import { GatedConnection, type Upstream } from './gated-connection.ts';

export interface TcpGateOptions {
  /** Where the server really listens. */
  readonly upstream: Upstream;
  /** What people call it: `broker`, `database`. */
  readonly name: string;
  readonly clock: Clock;
}

export type GateState = 'open' | 'shut' | 'frozen';

const HOST = '127.0.0.1';
/** While the gate was shut, the system may have lent its port to somebody: it is tried again this often. */
const REOPEN_EVERY_MS = 50;
const CONNECTION_LIMIT = 4_096;

/**
 * The server behind it is never stopped or restarted: whoever comes through the gate is cut off from it, as
 * by a broken network, while the server goes on and keeps what it holds. Who connects to the server itself
 * notices nothing.
 */
export class TcpGate implements AsyncDisposable {
  readonly #options: TcpGateOptions;
  readonly #connections = new Set<GatedConnection>();
  #state: GateState = 'open';
  #listener: Server | undefined;
  #port = 0;
  #timer: Timer | undefined;
  /** On the monotonic clock; 0 when it shall be open, or is about to be. */
  #until = 0;
  #opening: Promise<void> | undefined;
  #isClosed = false;

  private constructor(options: TcpGateOptions) {
    this.#options = options;
  }

  /** Opens on a free port of 127.0.0.1; disposing drops every connection. */
  static async open(options: TcpGateOptions): Promise<TcpGate> {
    const gate = new TcpGate(options);
    gate.#listener = await gate.#listen();
    gate.#port = (gate.#listener.address() as AddressInfo).port;
    return gate;
  }

  get name(): string {
    return this.#options.name;
  }

  get upstream(): Upstream {
    return this.#options.upstream;
  }

  /** Where the gate itself listens. */
  get port(): number {
    return this.#port;
  }

  get state(): GateState {
    return this.#state;
  }

  /**
   * Drops every connection and refuses new ones for `forMs`; `abruptly` with a reset, as a crash does.
   * Shut already, it stays so until the later end.
   */
  shut(forMs: number, { abruptly }: { readonly abruptly: boolean }): void {
    this.#become('shut', forMs);
    this.#listener?.close();
    this.#listener = undefined;
    this.#dropAll(abruptly);
  }

  /**
   * Connections stay and new ones are taken, but nothing flows either way for `forMs`.
   * @throws UserError `not-ready` while it is shut
   */
  freeze(forMs: number): void {
    const { name } = this.#options;
    if (this.#state === 'shut') {
      throw new UserError('not-ready', `The ${name} is cut off: there is nothing to pause`);
    }
    this.#become('frozen', forMs);
    for (const each of this.#connections) each.freeze();
  }

  /** Ends what is on, if anything is; resolves when everything flows again. */
  async heal(): Promise<void> {
    this.#timer?.cancel();
    this.#until = 0;
    if (this.#state === 'frozen') {
      this.#state = 'open';
      for (const each of this.#connections) each.thaw();
    }
    // It may be shut and healed again meanwhile.
    while (this.#isToOpen()) {
      await (this.#opening ??= this.#reopen().finally(() => (this.#opening = undefined)));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#listener?.close();
    this.#dropAll(false);
    await this.#opening;
  }

  #become(state: GateState, forMs: number): void {
    const { clock } = this.#options;
    const until = clock.elapsed() + forMs;
    this.#until = this.#state === state ? Math.max(until, this.#until) : until;
    this.#state = state;
    this.#timer?.cancel();
    this.#timer = clock.after(this.#until - clock.elapsed(), () => void this.heal());
  }

  async #reopen(): Promise<void> {
    while (this.#isToOpen()) {
      const listener = await this.#listen().catch(() => undefined);
      if (!this.#isToOpen()) return void listener?.close();
      if (listener === undefined) {
        await this.#options.clock.sleep(REOPEN_EVERY_MS);
        continue;
      }
      this.#listener = listener;
      this.#state = 'open';
    }
  }

  /** Changes while one waits: it may be shut again, or closed for good. */
  #isToOpen(): boolean {
    return this.#state === 'shut' && this.#until === 0 && !this.#isClosed;
  }

  async #listen(): Promise<Server> {
    const listener = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (client) =>
      this.#take(client),
    );
    listener.maxConnections = CONNECTION_LIMIT;
    listener.listen(this.#port, HOST);
    await once(listener, 'listening');
    return listener.on('error', () => undefined); // one connection fewer
  }

  #take(client: Socket): void {
    const connection = new GatedConnection(client, this.#options.upstream);
    this.#connections.add(connection);
    client.on('close', () => this.#connections.delete(connection));
    if (this.#state === 'open') connection.thaw();
    if (this.#state === 'shut') connection.drop(true);
  }

  #dropAll(abruptly: boolean): void {
    for (const each of this.#connections) each.drop(abruptly);
  }
}
