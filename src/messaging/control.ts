/** The control channel of development stacks: faults are armed and cleared in all parts at once. */
import { arm, armed, clear, cleared, type Fault } from '../contracts/faults.ts';
import type { BodyOf } from '../contracts/message.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { outgoing, type Bus, type IncomingMessage, type OutgoingMessage } from './bus.ts';
import type { FaultBoard } from './faults.ts';
import type { Names } from './topology.ts';

interface ListeningPart {
  readonly service: string;
  readonly instance: string;
  readonly bus: Bus;
  readonly names: Names;
}

/** Lets scenarios reach this part's board. */
export async function listenForFaults(
  part: ListeningPart,
  board: FaultBoard,
): Promise<AsyncDisposable> {
  const subscription = await part.bus.subscribe(
    [{ exchange: part.names.control, routingKey: '' }],
    (message) => {
      const answer = answerOf(part, board, message);
      if (answer !== undefined) void part.bus.publish(answer);
    },
  );
  return { [Symbol.asyncDispose]: () => subscription.cancel() };
}

function answerOf(
  { service, instance }: ListeningPart,
  board: FaultBoard,
  message: IncomingMessage,
): OutgoingMessage | undefined {
  if (message.replyTo === undefined) return undefined;
  const options = {
    exchange: '',
    routingKey: message.replyTo,
    id: `${message.id}:${instance}`,
    inReplyTo: message.id,
    durable: false,
  };
  const arming = message.type === arm.name ? arm.body.safeParse(message.body) : undefined;
  if (arming?.success === true) {
    board.arm(arming.data.faults, arming.data.leaseMs);
    return outgoing(armed, { service, instance }, options);
  }
  const clearing = message.type === clear.name ? clear.body.safeParse(message.body) : undefined;
  if (clearing?.success !== true) return undefined;
  return outgoing(cleared, { service, instance, ...board.clear(clearing.data.run ?? '') }, options);
}

export type ClearedReport = BodyOf<typeof cleared>;

export interface FaultControlOptions {
  readonly bus: Bus;
  readonly names: Names;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Services that must answer before faults count as armed or cleared. */
  readonly services: readonly string[];
  /** How long to wait for them. */
  readonly withinMs: number;
}

/** The scenario's end of the control channel. */
export class FaultControl implements AsyncDisposable {
  readonly #options: FaultControlOptions;
  readonly #answers = new Map<string, (message: IncomingMessage) => void>();
  #close: () => Promise<void> = () => Promise.resolve();
  #address: () => string | undefined = () => undefined;

  private constructor(options: FaultControlOptions) {
    this.#options = options;
  }

  static async open(options: FaultControlOptions): Promise<FaultControl> {
    const control = new FaultControl(options);
    const subscription = await options.bus.subscribe([], (message) =>
      control.#answers.get(message.inReplyTo ?? '')?.(message),
    );
    control.#address = () => subscription.address();
    control.#close = () => subscription.cancel();
    return control;
  }

  /** Arms, or renews, and waits until every service has said so. Answers the services that did not. */
  async arm(faults: readonly Fault[], leaseMs: number): Promise<readonly string[]> {
    const answered = new Set<string>();
    return this.#ask(arm.name, { faults: [...faults], leaseMs }, (message) => {
      const body = armed.body.safeParse(message.body);
      if (body.success) answered.add(body.data.service);
      return answered;
    });
  }

  /** Disarms a run's faults everywhere; the reports of all parts that answered, and who did not. */
  async clear(run: string): Promise<{ reports: ClearedReport[]; missing: readonly string[] }> {
    const reports: ClearedReport[] = [];
    const missing = await this.#ask(clear.name, { run }, (message) => {
      const body = cleared.body.safeParse(message.body);
      if (body.success) reports.push(body.data);
      return new Set(reports.map((each) => each.service));
    });
    return { reports, missing };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  async #ask(
    type: typeof arm.name | typeof clear.name,
    body: unknown,
    onAnswer: (message: IncomingMessage) => ReadonlySet<string>,
  ): Promise<readonly string[]> {
    const { bus, names, ids, clock, services, withinMs } = this.#options;
    const id = `control:${ids.hex(8)}`;
    const limit = new AbortController();
    let answered: ReadonlySet<string> = new Set();
    this.#answers.set(id, (message) => {
      answered = onAnswer(message);
      if (services.every((each) => answered.has(each))) limit.abort();
    });
    const options = {
      exchange: names.control,
      routingKey: '',
      id,
      replyTo: this.#address(),
      durable: false,
    };
    await bus.publish(
      type === arm.name
        ? outgoing(arm, arm.body.parse(body), options)
        : outgoing(clear, clear.body.parse(body), options),
    );
    await clock.sleep(withinMs, limit.signal);
    this.#answers.delete(id);
    return services.filter((each) => !answered.has(each));
  }
}
