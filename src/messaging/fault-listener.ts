/** A part's end of the control channel: it takes faults, tells of their hits, and tells parts that have just started. */
import * as contract from '../contracts/faults.ts';
import type { BodyOf, Contract } from '../contracts/message.ts';
import { MAX_LABEL_LENGTH } from '../contracts/run-label.ts';
import type { SkewableClock } from '../kernel/clock-skew.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import { outgoing, type Bus, type IncomingMessage } from './bus.ts';
import { concerns, type FaultBoard, type Hit, type LiveFault } from './faults.ts';
import type { Partition } from './partition.ts';
import type { Names } from './topology.ts';

export interface FaultListenerOptions {
  readonly service: string;
  readonly instance: string;
  readonly bus: Bus;
  readonly names: Names;
  readonly ids: Ids;
  readonly clock: SkewableClock;
  readonly partition: Partition;
  readonly board: FaultBoard;
  readonly logger: Logger;
}

/** Lets whoever is at the control exchange reach this part's board, clock and network; and asks for what it has missed. */
export async function listenForFaults(options: FaultListenerOptions): Promise<AsyncDisposable> {
  const listener = new FaultListener(options);
  await listener.open();
  return listener;
}

class FaultListener implements AsyncDisposable {
  readonly #options: FaultListenerOptions;
  readonly #origin: { readonly service: string; readonly instance: string };
  #skewedBy: string | undefined;
  #close: () => Promise<void> = () => Promise.resolve();

  constructor(options: FaultListenerOptions) {
    this.#options = options;
    const { service, instance } = options;
    this.#origin = { service, instance };
  }

  async open(): Promise<void> {
    const { bus, names, board } = this.#options;
    const binding = { exchange: names.control, routingKey: '' };
    const subscription = await bus.subscribe([binding], (message) => void this.#hear(message));
    this.#close = () => subscription.cancel();
    board.connect((hit) => this.#tell(hit));
    await this.#publish(contract.hello, this.#origin, subscription.address());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  /** What is wrong with a message of this channel must not disturb the part. */
  async #hear(message: IncomingMessage): Promise<void> {
    try {
      await this.#heed(message);
    } catch (error) {
      this.#options.logger.log('debug', `${message.type} was not taken: ${messageOf(error)}`);
    }
  }

  #heed(message: IncomingMessage): Promise<void> | void {
    const read = <C extends Contract>(each: C, act: (body: BodyOf<C>) => Promise<void> | void) => {
      const parsed = message.type === each.name ? each.body.safeParse(message.body) : undefined;
      if (parsed?.success === true) return act(parsed.data as BodyOf<C>);
    };
    switch (message.type) {
      case contract.arm.name:
        return read(contract.arm, (body) => this.#arm(body, message));
      case contract.clear.name:
        return read(contract.clear, (body) => this.#clear(body, message));
      case contract.list.name:
        return read(contract.list, () => this.#list(message));
      case contract.cut.name:
        return read(contract.cut, (body) => this.#cut(body, message));
      case contract.skew.name:
        return read(contract.skew, (body) => this.#skew(body, message));
      case contract.release.name:
        return read(contract.release, (body) => this.#release(body, message));
      case contract.fired.name:
        return read(contract.fired, (body) => this.#count(body));
      case contract.hello.name:
        return read(contract.hello, (body) => this.#welcome(body, message));
    }
  }

  async #arm(
    { faults, leaseMs, fired }: BodyOf<typeof contract.arm>,
    message: IncomingMessage,
  ): Promise<void> {
    this.#options.board.arm(faults, leaseMs, fired);
    await this.#answer(contract.armed, this.#origin, message);
  }

  async #clear(clearing: BodyOf<typeof contract.clear>, message: IncomingMessage): Promise<void> {
    const { board, clock } = this.#options;
    const { run, faultIds } = clearing;
    const isOurSkew = run === undefined || run === this.#skewedBy;
    if (faultIds === undefined && isOurSkew) clock.correct();
    await this.#answer(contract.cleared, { ...this.#origin, ...board.clear(clearing) }, message);
  }

  async #list(message: IncomingMessage): Promise<void> {
    const { board, clock } = this.#options;
    const skewMs = clock.skewMs();
    const seen = { ...this.#origin, faults: board.list(), ...(skewMs !== 0 && { skewMs }) };
    await this.#answer(contract.listed, seen, message);
  }

  /** Says so first: afterwards nothing would be heard. */
  async #cut(body: BodyOf<typeof contract.cut>, message: IncomingMessage): Promise<void> {
    if (!concerns(body, this.#origin.service)) return;
    await this.#answer(contract.armed, this.#origin, message);
    this.#options.partition.cut(body.forMs);
    // Whoever waits here for the cut to be made would not hear its release.
    this.#options.board.letGo(body.run);
  }

  async #skew(body: BodyOf<typeof contract.skew>, message: IncomingMessage): Promise<void> {
    if (!concerns(body, this.#origin.service)) return;
    this.#skewedBy = body.run;
    this.#options.clock.skew(body.byMs, body.forMs);
    await this.#answer(contract.armed, this.#origin, message);
  }

  async #release(
    { hold }: BodyOf<typeof contract.release>,
    message: IncomingMessage,
  ): Promise<void> {
    if (this.#options.board.holds.release(hold))
      await this.#answer(contract.armed, this.#origin, message);
  }

  #count({ instance, faultId }: BodyOf<typeof contract.fired>): void {
    if (instance !== this.#origin.instance) this.#options.board.heed(faultId);
  }

  /** Those who know nothing that concerns the newcomer stay quiet; hearing it twice does no harm. */
  #welcome({ service, instance }: BodyOf<typeof contract.hello>, message: IncomingMessage): void {
    if (instance === this.#origin.instance || message.replyTo === undefined) return;
    const live = this.#options.board.list().filter(({ fault }) => concerns(fault, service));
    for (const ofLease of byLease(live)) {
      const hits = ofLease.flatMap(({ fault, fired }) => (fired > 0 ? [[fault.id, fired]] : []));
      const body = {
        faults: ofLease.map((each) => each.fault),
        leaseMs: Math.max(1, Math.ceil(ofLease[0]?.endsInMs ?? 0)),
        fired: Object.fromEntries(hits) as Record<string, number>,
      };
      void this.#send(contract.arm, body, message.replyTo);
    }
  }

  async #tell({ fault, point, message, hold }: Hit): Promise<void> {
    const body = {
      ...this.#origin,
      faultId: fault.id,
      run: (message.run ?? fault.run).slice(0, MAX_LABEL_LENGTH),
      point,
      message: message.type.slice(0, 100),
      messageId: message.id.slice(0, 200),
      ...(hold !== undefined && { hold }),
    };
    await this.#publish(contract.fired, body);
  }

  async #publish<C extends Contract>(to: C, body: BodyOf<C>, replyTo?: string): Promise<void> {
    const { bus, names, ids } = this.#options;
    const options = { id: `control:${ids.hex(8)}`, replyTo, durable: false };
    await bus.publish(outgoing(to, body, { ...options, exchange: names.control, routingKey: '' }));
  }

  async #answer<C extends Contract>(
    to: C,
    body: BodyOf<C>,
    message: IncomingMessage,
  ): Promise<void> {
    if (message.replyTo !== undefined) await this.#send(to, body, message.replyTo, message.id);
  }

  async #send<C extends Contract>(
    to: C,
    body: BodyOf<C>,
    queue: string,
    inReplyTo?: string,
  ): Promise<void> {
    const { bus, ids } = this.#options;
    const id = `control:${ids.hex(8)}`;
    const options = { exchange: '', routingKey: queue, id, inReplyTo, durable: false };
    await bus.publish(outgoing(to, body, options));
  }
}

/** Faults that were armed together end together: in messages of a size that a contract allows. */
function byLease(live: readonly LiveFault[]): readonly LiveFault[][] {
  const groups = new Map<string, LiveFault[]>();
  for (const each of live) {
    const key = `${Math.round(each.endsInMs / LEASE_GRAIN_MS)}`;
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(each);
  }
  return [...groups.values()].flatMap(inHundreds);
}

/** Leases that end this close to each other are taken for one. */
const LEASE_GRAIN_MS = 500;
const AT_ONCE = 100;

function inHundreds(live: LiveFault[]): LiveFault[][] {
  return Array.from({ length: Math.ceil(live.length / AT_ONCE) }, (_, page) =>
    live.slice(page * AT_ONCE, (page + 1) * AT_ONCE),
  );
}
