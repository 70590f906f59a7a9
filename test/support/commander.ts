/** The saga's side of a participant, for tests: sends commands under ids of its choice and awaits the answers. */
import type { BodyOf, Contract } from '../../src/contracts/message.ts';
import { outgoing, type Binding, type IncomingMessage } from '../../src/messaging/bus.ts';
import type { Part } from '../../src/messaging/part.ts';
import type { ServiceName } from '../../src/messaging/topology.ts';

const WITHIN_MS = 10_000;

export interface SendOptions {
  /** The idempotency key; a fresh one when absent. */
  readonly id?: string;
  /** The order's id; without it the answer is not durable, as for queries. */
  readonly orderId?: string;
  /** The scenario run whose faults may hit the command. */
  readonly run?: string;
  /** Where an event is published; a command goes to its service. */
  readonly to?: Binding;
}

export class Commander implements AsyncDisposable {
  readonly #part: Part;
  readonly #service: ServiceName;
  /** Awaited answers by command id, in the order the commands were sent. */
  readonly #waiting = new Map<string, Array<(answer: IncomingMessage) => void>>();
  #address = '';
  #close: () => Promise<void> = () => Promise.resolve();

  private constructor(part: Part, service: ServiceName) {
    this.#part = part;
    this.#service = service;
  }

  /** Answers come to a private queue on the part's connection. */
  static async open(part: Part, service: ServiceName): Promise<Commander> {
    const commander = new Commander(part, service);
    const subscription = await part.bus.subscribe([], (message) =>
      commander.#waiting.get(message.inReplyTo ?? '')?.shift()?.(message),
    );
    commander.#address = subscription.address() ?? '';
    commander.#close = () => subscription.cancel();
    return commander;
  }

  /** @throws Error when the command is not taken by a queue or not answered in time. */
  async send<C extends Contract>(
    contract: C,
    body: BodyOf<C>,
    { id = this.#part.ids.uuid(), orderId, run, to }: SendOptions = {},
  ): Promise<IncomingMessage> {
    const answered = this.#expect(id);
    const { outcome } = await this.#part.bus.publish(
      outgoing(contract, body, {
        exchange: to?.exchange ?? this.#part.names.commands,
        routingKey: to?.routingKey ?? this.#service,
        id,
        correlationId: orderId,
        run,
        replyTo: this.#address,
      }),
    );
    if (outcome !== 'confirmed') throw new Error(`${contract.name} was ${outcome}`);
    return answered;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #expect(id: string): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const tooLate = this.#part.clock.after(WITHIN_MS, () =>
        reject(new Error(`no answer to ${id} within ${WITHIN_MS} ms`)),
      );
      const settle = (answer: IncomingMessage): void => {
        tooLate.cancel();
        resolve(answer);
      };
      this.#waiting.set(id, [...(this.#waiting.get(id) ?? []), settle]);
    });
  }
}
