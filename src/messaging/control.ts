/** The control channel of development stacks, as scenarios and people use it: whatever is done to parts is asked for here. */
import * as contract from '../contracts/faults.ts';
import type { Fault } from '../contracts/faults.ts';
import type { BodyOf, Contract } from '../contracts/message.ts';
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import { outgoing, type Bus, type IncomingMessage } from './bus.ts';
import type { Clearing } from './faults.ts';
import type { Names } from './topology.ts';

export type ClearedReport = BodyOf<typeof contract.cleared>;
export type ListedReport = BodyOf<typeof contract.listed>;
/** A fault hit a message somewhere; with `hold` the message waits. */
export type FiredFault = BodyOf<typeof contract.fired>;

export interface FaultControlOptions {
  readonly bus: Bus;
  readonly names: Names;
  readonly ids: Ids;
  readonly clock: Clock;
  /** Services that must answer before something counts as done. */
  readonly services: readonly string[];
  /** How long to wait for them. */
  readonly withinMs: number;
}

/** Which part is cut off from the broker, or has its clock wrong, and for whom: a run, or `*`. */
export interface OnePart {
  readonly run: string;
  readonly service: string;
  readonly forMs: number;
}

/** Often the part that held a message is gone by then: nobody answers. */
const RELEASED_WITHIN_MS = 1_000;

/** Everything that asks for an answer says which services did not give one: `missing`. */
export class FaultControl implements AsyncDisposable {
  readonly #options: FaultControlOptions;
  readonly #answers = new Map<string, (message: IncomingMessage) => void>();
  readonly #listeners = new Set<(fired: FiredFault) => void>();
  /** Hits by fault: what is armed again must not be armed afresh. */
  readonly #fired = new Map<string, number>();
  #close: () => Promise<void> = () => Promise.resolve();
  #address: () => string | undefined = () => undefined;

  private constructor(options: FaultControlOptions) {
    this.#options = options;
  }

  static async open(options: FaultControlOptions): Promise<FaultControl> {
    const control = new FaultControl(options);
    const binding = { exchange: options.names.control, routingKey: '' };
    const subscription = await options.bus.subscribe([binding], (message) =>
      control.#heed(message),
    );
    control.#address = () => subscription.address();
    control.#close = () => subscription.cancel();
    return control;
  }

  /**
   * Called with every hit that is told from now on: each of a fault that has `times`, the first one in each
   * process of one that has not, and every hold. Answers how to stop it.
   */
  onFired(listener: (fired: FiredFault) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Arms, or renews, and waits until every service has said so: all, or only these. Answers those that did not.
   * Every part hears of it in any case.
   */
  async arm(
    faults: readonly Fault[],
    leaseMs: number,
    services: readonly string[] = this.#options.services,
  ): Promise<readonly string[]> {
    const hits = faults.flatMap(({ id }) => {
      const fired = this.#fired.get(id);
      return fired === undefined ? [] : [[id, fired] as const];
    });
    const fired = hits.length > 0 ? { fired: Object.fromEntries(hits) } : {};
    const { missing } = await this.#ask(
      { contract: contract.arm, body: { faults: [...faults], leaseMs, ...fired }, of: services },
      contract.armed,
    );
    return missing;
  }

  /**
   * Disarms faults everywhere, lets go of what they hold and sets clocks right: of a run, only some of them, or
   * all of everybody. Answers the reports of all parts, and who gave none.
   */
  async clear(
    clearing: Clearing = {},
  ): Promise<{ reports: ClearedReport[]; missing: readonly string[] }> {
    const { run, faultIds } = clearing;
    const body = {
      ...(run !== undefined && { run }),
      ...(faultIds !== undefined && { faultIds: [...faultIds] }),
    };
    const { answers, missing } = await this.#ask(
      { contract: contract.clear, body },
      contract.cleared,
    );
    return { reports: answers, missing };
  }

  /** What every part knows of, and who does not say. */
  async list(): Promise<{ parts: ListedReport[]; missing: readonly string[] }> {
    const asked = { contract: contract.list, body: {} };
    const { answers, missing } = await this.#ask(asked, contract.listed);
    return { parts: answers, missing };
  }

  /** Cuts the processes of a service off from the broker. Answers the service when it did not say that it hears. */
  async cut(part: OnePart): Promise<readonly string[]> {
    const asked = { contract: contract.cut, body: part, of: [part.service] };
    return (await this.#ask(asked, contract.armed)).missing;
  }

  /** Lets the wall clocks of a service be wrong. Answers the service when it did not say so. */
  async skew(part: OnePart & { readonly byMs: number }): Promise<readonly string[]> {
    const asked = { contract: contract.skew, body: part, of: [part.service] };
    return (await this.#ask(asked, contract.armed)).missing;
  }

  /** Lets a held message go on. False when nobody says that it did: its limit was over, or its part is gone. */
  async release(hold: string): Promise<boolean> {
    const withinMs = Math.min(RELEASED_WITHIN_MS, this.#options.withinMs);
    const asked = { contract: contract.release, body: { hold }, of: [], withinMs };
    return (await this.#ask(asked, contract.armed)).answers.length > 0;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #heed(message: IncomingMessage): void {
    if (message.inReplyTo !== undefined) return this.#answers.get(message.inReplyTo)?.(message);
    if (message.type !== contract.fired.name) return;
    const parsed = contract.fired.body.safeParse(message.body);
    if (!parsed.success) return;
    const { faultId } = parsed.data;
    this.#fired.set(faultId, (this.#fired.get(faultId) ?? 0) + 1);
    for (const listener of this.#listeners) listener(parsed.data);
  }

  /** Asks all parts, and waits until those that must answer have done so: any one, when nobody must. */
  async #ask<C extends Contract, A extends { service: string }>(
    { contract: question, body, of, withinMs }: Question<C>,
    answer: Contract<string, A>,
  ): Promise<{ answers: A[]; missing: readonly string[] }> {
    const { bus, names, ids, clock } = this.#options;
    const services = of ?? this.#options.services;
    const id = `control:${ids.hex(8)}`;
    const limit = new AbortController();
    const answers: A[] = [];
    const missing = (): readonly string[] =>
      services.filter((each) => each !== '*' && !answers.some(({ service }) => service === each));
    this.#answers.set(id, (message) => {
      const parsed = message.type === answer.name ? answer.body.safeParse(message.body) : undefined;
      if (parsed?.success !== true) return;
      answers.push(parsed.data);
      if (missing().length === 0) limit.abort();
    });
    const address = { exchange: names.control, routingKey: '', replyTo: this.#address() };
    await bus.publish(outgoing(question, body, { ...address, id, durable: false }));
    await clock.sleep(withinMs ?? this.#options.withinMs, limit.signal);
    this.#answers.delete(id);
    return { answers, missing: missing() };
  }
}

interface Question<C extends Contract> {
  readonly contract: C;
  readonly body: BodyOf<C>;
  /** Whose answers are waited for; absent: of all services. */
  readonly of?: readonly string[];
  /** Less than what others have. */
  readonly withinMs?: number;
}
