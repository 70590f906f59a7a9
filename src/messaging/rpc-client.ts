/** Asking a participant and waiting for the answer: for queries, canaries and checks, never for saga steps. */
import type { Contract } from '../contracts/message.ts';
import { retryLater } from '../contracts/participant.ts';
import type { Clock } from '../kernel/clock.ts';
import { OutcomeUnknownError, RejectedError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { outgoing, type Bus, type IncomingMessage } from './bus.ts';
import type { Names, ServiceName } from './topology.ts';

export interface RpcClientOptions {
  readonly bus: Bus;
  readonly names: Names;
  readonly ids: Ids;
  readonly clock: Clock;
}

export interface RpcRequest<Body, Answer> {
  readonly service: ServiceName | 'mediator';
  readonly contract: Contract<string, Body>;
  readonly body: Body;
  readonly answer: Contract<string, Answer>;
  readonly withinMs: number;
  /** Gives up waiting when aborted, as if no answer had come. */
  readonly signal?: AbortSignal;
}

/** Answers come to a private queue of this connection. */
export class RpcClient implements AsyncDisposable {
  readonly #options: RpcClientOptions;
  readonly #waiting = new Map<string, (message: IncomingMessage) => void>();
  #address: () => string | undefined = () => undefined;
  #close: () => Promise<void> = () => Promise.resolve();

  private constructor(options: RpcClientOptions) {
    this.#options = options;
  }

  static async open(options: RpcClientOptions): Promise<RpcClient> {
    const client = new RpcClient(options);
    const subscription = await options.bus.subscribe([], (message) =>
      client.#waiting.get(message.inReplyTo ?? '')?.(message),
    );
    client.#address = () => subscription.address();
    client.#close = () => subscription.cancel();
    return client;
  }

  /**
   * @throws OutcomeUnknownError when no answer came in time: the service may be down or busy.
   * @throws RejectedError `part-failed` when the service cannot do it now (`details.reason` says why), or answered
   *   something else than what was expected.
   */
  async ask<Body, Answer>(request: RpcRequest<Body, Answer>): Promise<Answer> {
    const { clock, ids } = this.#options;
    const id = `rpc:${ids.hex(8)}`;
    const limit = new AbortController();
    const stop = (): void => limit.abort();
    // By hand: what AbortSignal.any makes is remembered as long as the asker's signal lives.
    request.signal?.addEventListener('abort', stop);
    let reply: IncomingMessage | undefined;
    this.#waiting.set(id, (message) => {
      reply = message;
      stop();
    });
    try {
      this.#send(id, request);
      if (request.signal?.aborted !== true) await clock.sleep(request.withinMs, limit.signal);
    } finally {
      request.signal?.removeEventListener('abort', stop);
      this.#waiting.delete(id);
    }
    return this.#read(request, reply);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  /** What becomes of it only the answer tells: a broker that is away must not make the wait longer. */
  #send<Body, Answer>(id: string, request: RpcRequest<Body, Answer>): void {
    const { bus, names } = this.#options;
    void bus.publish(
      outgoing(request.contract, request.body, {
        exchange: '',
        routingKey: request.service === 'mediator' ? names.queries : names.queueOf(request.service),
        id,
        replyTo: this.#address(),
        durable: false,
      }),
    );
  }

  #read<Body, Answer>(
    { service, contract, answer, withinMs }: RpcRequest<Body, Answer>,
    reply: IncomingMessage | undefined,
  ): Answer {
    if (reply === undefined) {
      throw new OutcomeUnknownError(
        `${service} did not answer ${contract.name} within ${withinMs} ms`,
        { hint: `See whether it runs: wonderland ps, wonderland logs ${service}` },
      );
    }
    const body = reply.type === answer.name ? answer.body.safeParse(reply.body) : undefined;
    if (body?.success === true) return body.data;
    const later =
      reply.type === retryLater.name ? retryLater.body.safeParse(reply.body) : undefined;
    if (later?.success === true) throw notNow(service, later.data.reason);
    throw new RejectedError(
      'part-failed',
      `${service} answered ${reply.type} to ${contract.name}`,
      {
        details: { answer: reply.type },
      },
    );
  }
}

function notNow(service: string, reason: string): RejectedError {
  return new RejectedError('part-failed', `${service} cannot do it now: ${reason}`, {
    hint: 'Try again in a moment; see: wonderland ps',
    details: { reason },
  });
}
