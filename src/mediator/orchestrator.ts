/** The orchestrator: takes orders, moves sagas on with every reply, and wakes whoever waits for them. */
import { createHash } from 'node:crypto';

import { FINAL_STATUSES, type JournalEntry, type PlaceOrder } from '../contracts/orders.ts';
import { Batcher } from '../kernel/batcher.ts';
import { messageOf, RejectedError, UserError } from '../kernel/errors.ts';
import { newTraceparent, traceIdOf } from '../kernel/trace.ts';
import type { IncomingMessage, OutgoingMessage } from '../messaging/bus.ts';
import { startHandler, type Handling } from '../messaging/handler.ts';
import type { Part } from '../messaging/part.ts';
import { publishUntilConfirmed } from '../messaging/publisher.ts';
import { answeredCommand, eventOf } from './command-reply.ts';
import type { Journal } from './journal.ts';
import { Mover, type Step } from './mover.ts';
import type { OrderData } from './order-saga.ts';
import { SagaMemory } from './saga-memory.ts';
import type { SagaRow } from './saga-row.ts';
import type { SagaStore } from './saga-store.ts';
import { begin, journalOf, type Moved } from './transition.ts';
import { Waiters } from './waiters.ts';

const BATCH_LIMIT = 100;
const PREFETCH = 256;
/** New orders that wait for the database; more are told to come back. */
const MAX_WAITING_ORDERS = 1_000;
const RESUME_PAGE = 200;
const FIRST_ID = '00000000-0000-0000-0000-000000000000';

export interface OrchestratorOptions {
  readonly part: Part;
  readonly store: SagaStore;
  readonly journal: Journal;
}

/** An order as it was accepted: the request, who asks, and under which key. */
export interface AcceptedOrder {
  readonly order: PlaceOrder;
  readonly customer: OrderData['customer'];
  readonly idempotencyKey: string;
  readonly run: string | undefined;
}

export interface OrderAnswer {
  readonly row: SagaRow;
  /** Charged or rejected; false when the wait was over before. */
  readonly isDecided: boolean;
}

export class Orchestrator implements AsyncDisposable {
  readonly #options: OrchestratorOptions;
  readonly #inserts: Batcher<Moved, SagaRow>;
  readonly #steps: Batcher<Step, Moved | undefined>;
  readonly #mover: Mover;
  readonly #memory = new SagaMemory();
  readonly #waiters = new Waiters();
  readonly #closing = new AbortController();
  #replies: AsyncDisposable | undefined;
  #unlisten: () => void = () => undefined;

  constructor(options: OrchestratorOptions) {
    this.#options = options;
    const { store, part } = options;
    this.#mover = new Mover({
      store,
      memory: this.#memory,
      logger: part.logger,
      context: () => ({ names: part.names, now: part.clock.now() }),
    });
    this.#inserts = new Batcher({ limit: BATCH_LIMIT, run: (batch) => store.insert(batch) });
    this.#steps = new Batcher({ limit: BATCH_LIMIT, run: (batch) => this.#moveAll(batch) });
  }

  /** Takes up what an earlier mediator left open, then listens for replies. */
  async start(): Promise<void> {
    const { part, journal } = this.#options;
    this.#unlisten = journal.listen((entry) => this.#heed(entry));
    await this.#resume();
    this.#replies = await startHandler(part, {
      queue: part.names.replies,
      prefetch: PREFETCH,
      handle: (message, handling) => this.#onReply(message, handling),
      onError: () => undefined,
    });
  }

  /**
   * Makes the order durable and sets it going; answers when its pivot is decided (charged, or rejected), or
   * after the wait. The same key with the same order answers the same saga.
   * @throws UserError `idempotency-conflict` when the key belongs to another order.
   * @throws RejectedError `overloaded` when too many are waiting already.
   */
  async accept(accepted: AcceptedOrder, waitMs: number): Promise<OrderAnswer> {
    const { part, journal } = this.#options;
    if (this.#inserts.depth >= MAX_WAITING_ORDERS) {
      throw new RejectedError('overloaded', 'Too many orders are waiting to be taken', {
        hint: 'Send the same request with the same Idempotency-Key again in a second.',
      });
    }
    const fresh = this.#begin(accepted);
    const row = await this.#inserts.submit(fresh);
    if (row.id !== fresh.row.id) return this.#acceptAgain(row, fresh.row.body_hash, waitMs);
    this.#memory.remember(row);
    journal.publish(journalOf(fresh));
    part.logger.log('info', 'order accepted', factsOf(row));
    // Waiting first, sending second: the answer cannot come unseen.
    const decided = this.#waiters.wait(row.id, isDecided, { clock: part.clock, waitMs });
    this.#send(fresh.messages);
    return this.#answer(row, decided);
  }

  /** A repeated request: the saga is on its way, or decided already. */
  async #acceptAgain(row: SagaRow, bodyHash: string, waitMs: number): Promise<OrderAnswer> {
    if (row.body_hash !== bodyHash) {
      throw new UserError('idempotency-conflict', 'This Idempotency-Key belongs to another order', {
        hint: 'Use a new key for a new order.',
        details: { orderId: row.id },
      });
    }
    if (isDecided(row)) return { row, isDecided: true };
    const { part, store } = this.#options;
    const decided = this.#waiters.wait(row.id, isDecided, { clock: part.clock, waitMs });
    // It may have been decided between its reading and our waiting.
    const now = await store.find(row.id);
    if (now !== undefined) this.#waiters.wake(now);
    return this.#answer(row, decided);
  }

  async #answer(row: SagaRow, decided: Promise<SagaRow | undefined>): Promise<OrderAnswer> {
    const latest = (await decided) ?? (await this.#options.store.find(row.id)) ?? row;
    return { row: latest, isDecided: isDecided(latest) };
  }

  /** What another mediator did: our memory of the saga is over, and somebody here may wait for it. */
  #heed(entry: JournalEntry): void {
    this.#memory.heed(entry);
    if (!this.#waiters.isAwaited(entry.orderId)) return;
    this.#options.store.find(entry.orderId).then(
      (row) => row !== undefined && this.#waiters.wake(row),
      () => undefined,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten();
    await this.#replies?.[Symbol.asyncDispose]();
    this.#closing.abort();
    await this.#inserts.idle();
    await this.#steps.idle();
  }

  #begin({ order, customer, idempotencyKey, run }: AcceptedOrder): Moved {
    const { part } = this.#options;
    const data = {
      orderId: part.ids.uuid(),
      customer,
      lines: order.lines,
      payment: order.payment,
    };
    const identity = {
      customer_id: customer.id,
      idempotency_key: idempotencyKey,
      body_hash: createHash('sha256').update(JSON.stringify(order)).digest('hex'),
      origin: part.instance,
      traceparent: newTraceparent(part.ids),
      run: run ?? null,
    };
    return begin(data, identity, { names: part.names, now: part.clock.now() });
  }

  /** Participants answer with the id of the command, which names saga, step and direction. */
  async #onReply(
    message: IncomingMessage,
    handling: Handling,
  ): Promise<readonly OutgoingMessage[]> {
    const answered = answeredCommand(message);
    if (answered === undefined) {
      this.#options.part.logger.log('error', `${message.type} answers no command of a saga`, {
        messageId: message.id,
      });
      return [];
    }
    const moved = await this.#steps.submit({
      sagaId: answered.sagaId,
      event: eventOf(message, answered),
      messageId: message.id,
      beforeCommit: handling.beforeCommit,
    });
    return moved?.messages ?? [];
  }

  async #moveAll(batch: readonly Step[]): Promise<readonly (Moved | undefined)[]> {
    const results = await this.#mover.run(batch);
    const moved = results.filter((each) => each !== undefined && each.log.length > 0) as Moved[];
    this.#options.journal.publish(moved.flatMap(journalOf));
    for (const each of moved) this.#settled(each);
    return results;
  }

  #settled(moved: Moved): void {
    const { row, timerMs } = moved;
    if (isDecided(row)) this.#waiters.wake(row);
    if (timerMs !== undefined) this.#sendAgain(row, timerMs);
    const ending = moved.log.find((each) => FINAL_STATUSES.some((status) => status === each.kind));
    if (ending === undefined) return;
    this.#options.part.logger.log('info', `order ${ending.kind}`, {
      ...factsOf(row),
      reason: row.progress.reason,
    });
  }

  /** Commands of a transition without a delivery behind it; the row keeps them as pending until answered. */
  #send(messages: readonly OutgoingMessage[]): void {
    const { part } = this.#options;
    for (const each of messages) {
      void publishUntilConfirmed(each, { ...part, signal: this.#closing.signal });
    }
  }

  #sendAgain(row: SagaRow, afterMs: number): void {
    const { clock, logger } = this.#options.part;
    const step = {
      sagaId: row.id,
      event: { kind: 'timer' },
      messageId: null,
      beforeCommit: () => undefined,
    } as const;
    clock.after(
      afterMs,
      () => {
        if (this.#closing.signal.aborted) return;
        this.#steps.submit(step).then(
          (moved) => this.#send(moved?.messages ?? []),
          (error: unknown) => {
            logger.log('warn', `sending again failed: ${messageOf(error)}`, factsOf(row));
            this.#sendAgain(row, afterMs);
          },
        );
      },
      { weak: true },
    );
  }

  /** What an earlier mediator sent may be lost: every open saga sends what it waits for once more. */
  async #resume(): Promise<void> {
    let last = FIRST_ID;
    for (;;) {
      const rows = await this.#options.store.open(last, RESUME_PAGE);
      for (const row of rows) this.#sendAgain(row, 0);
      const next = rows.at(-1)?.id;
      if (next === undefined) return;
      last = next;
    }
  }
}

function isDecided(row: SagaRow): boolean {
  return (
    row.progress.phase !== 'undoing' && row.status !== 'reserving' && row.status !== 'charging'
  );
}

function factsOf(row: SagaRow): { orderId: string; traceId: string | undefined } {
  return { orderId: row.id, traceId: traceIdOf(row.traceparent) };
}
