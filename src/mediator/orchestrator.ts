/** The orchestrator: takes orders and cancellations, and answers when the saga has come far enough. */
import { createHash } from 'node:crypto';

import { FINAL_STATUSES, type OrderPolicy, type PlaceOrder } from '../contracts/orders.ts';
import { Batcher } from '../kernel/batcher.ts';
import { OutcomeUnknownError, RejectedError, UserError } from '../kernel/errors.ts';
import { newTraceparent } from '../kernel/trace.ts';
import { blamed, isTrouble } from '../storage/database-trouble.ts';
import { Admission, type Place } from './admission.ts';
import type { OrderData } from './order-data.ts';
import { BATCH_LIMIT, SagaRunner, type SagaRunnerOptions } from './saga-runner.ts';
import type { SagaRow } from './saga-row.ts';
import { begin, type Moved } from './transition.ts';

/** Longer the database may not take for a new order; the customer then asks again under the same key. */
const INSERT_WITHIN_MS = 5_000;
/** Orders that wait for the database; those whose customers gave up waiting are among them. */
const MAX_WAITING_ORDERS = 1_000;

/** An order over HTTP passes the points of a message's life under this name. */
const ORDER_PLACE = 'order.place';

/** An order as it was accepted: the request, who asks, and under which key. */
export interface AcceptedOrder {
  readonly order: PlaceOrder;
  readonly customer: OrderData['customer'];
  readonly idempotencyKey: string;
  readonly run: string | undefined;
  /** What it does otherwise than everywhere in this shop. */
  readonly policy?: OrderPolicy | undefined;
}

export interface OrderAnswer {
  readonly row: SagaRow;
  /** Charged or rejected; false when the wait was over before. */
  readonly isDecided: boolean;
}

export type OrchestratorOptions = Omit<SagaRunnerOptions, 'onSettled' | 'typicalMs'>;

export class Orchestrator implements AsyncDisposable {
  /** Whoever brings an order asks for a place first. */
  readonly admission: Admission;
  readonly #options: OrchestratorOptions;
  readonly #inserts: Batcher<Moved, SagaRow>;
  readonly #sagas: SagaRunner;

  constructor(options: OrchestratorOptions) {
    this.#options = options;
    const { store, part } = options;
    this.admission = new Admission({
      clock: part.clock,
      limit: part.settings.maxOrdersOnTheirWay,
      isBlocked: () => part.bus.isBlocked(),
      count: async (upTo) => {
        await store.ping();
        return store.countBusy(upTo);
      },
    });
    this.#sagas = new SagaRunner({
      ...options,
      onSettled: (tookMs) => this.admission.settled(tookMs),
      typicalMs: () => this.admission.typicalMs,
    });
    this.#inserts = new Batcher({
      limit: BATCH_LIMIT,
      run: (batch) => store.insert(batch),
    });
  }

  async start(): Promise<void> {
    await this.admission.start();
    await this.#sagas.start();
  }

  /**
   * Makes the order durable and sets it going; answers when its pivot is decided (charged, or rejected), or
   * after the wait. The same key with the same order answers the same saga.
   * @throws UserError `idempotency-conflict` when the key belongs to another order.
   * @throws RejectedError `overloaded` while the database is slow and too many wait for it.
   * @throws UserError `database-unreachable`, or OutcomeUnknownError: the same request under the same key helps.
   */
  async accept(accepted: AcceptedOrder, waitMs: number, place: Place): Promise<OrderAnswer> {
    if (this.#inserts.depth >= MAX_WAITING_ORDERS) throw tooManyWaiting();
    const { points } = this.#sagas;
    const passing = { type: ORDER_PLACE, id: accepted.idempotencyKey, run: accepted.run };
    await points.pass('handle', passing);
    const fresh = this.#begin(accepted);
    await points.passCommit(passing);
    const row = await this.#insert(fresh);
    if (row.id !== fresh.row.id) return this.#acceptAgain(row, fresh.row.body_hash, waitMs);
    place.take();
    await points.pass('committed', passing);
    // Waiting first, sending second: the answer cannot come unseen.
    const decided = this.#sagas.waitFromStart(row.id, isDecided, waitMs);
    this.#sagas.begin(fresh, passing);
    const answer = answerOf((await decided) ?? row);
    const { copies } = await points.pass('reply', passing);
    if (copies === 0) throw answerLost();
    return answer;
  }

  /**
   * Takes an order back before it is shipped: answers when it is cancelled, or after the wait.
   * @throws UserError `not-cancellable` when it was shipped or rejected, or cannot be cancelled at all.
   */
  async cancel(id: string, waitMs: number): Promise<SagaRow> {
    const told = await this.#sagas.tell(id, { kind: 'cancel' });
    if (told === undefined) throw new UserError('unknown-order', `There is no order ${id}`);
    if (!isBeingCancelled(told)) throw notCancellable(told);
    return (await this.#sagas.wait(id, ({ status }) => status === 'cancelled', waitMs)) ?? told;
  }

  /** No new orders; those in hand come as far as they can, and whoever waits for more is answered. */
  async drain(): Promise<void> {
    this.admission[Symbol.dispose]();
    await this.#inserts.idle();
    await this.#sagas.drain();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.drain();
    await this.#sagas[Symbol.asyncDispose]();
  }

  /** The row that is durable under the order's key; fails in bounded time, however the database is. */
  async #insert(fresh: Moved): Promise<SagaRow> {
    const limit = new AbortController();
    const tooLate = this.#options.part.clock
      .sleep(INSERT_WITHIN_MS, limit.signal)
      .then(() => undefined);
    try {
      const row = await Promise.race([this.#inserts.submit(fresh), tooLate]);
      if (row !== undefined) return row;
    } catch (failure) {
      const error = blamed(failure);
      if (!isTrouble(error)) throw error;
      throw this.admission.shut(error.message, failure);
    } finally {
      limit.abort();
    }
    void this.admission.shut('the database takes too long to answer');
    throw new OutcomeUnknownError('The database did not say in time whether it has the order', {
      hint: 'Send the same request with the same Idempotency-Key again.',
    });
  }

  /** A repeated request: the saga is on its way, or decided already. */
  async #acceptAgain(row: SagaRow, bodyHash: string, waitMs: number): Promise<OrderAnswer> {
    if (row.body_hash !== bodyHash) {
      throw new UserError('idempotency-conflict', 'This Idempotency-Key belongs to another order', {
        hint: 'Use a new key for a new order.',
        details: { orderId: row.id },
      });
    }
    if (isDecided(row)) return answerOf(row);
    return answerOf((await this.#sagas.wait(row.id, isDecided, waitMs)) ?? row);
  }

  #begin({ order, customer, idempotencyKey, run, policy = {} }: AcceptedOrder): Moved {
    const { part } = this.#options;
    const { shipAfterMs = part.settings.shipAfterMs, ...timing } = policy;
    const data: OrderData = {
      orderId: part.ids.uuid(),
      customer,
      lines: order.lines,
      payment: order.payment,
      shipAfterMs,
      ...(Object.keys(timing).length > 0 && { policy: timing }),
    };
    const identity = {
      customer_id: customer.id,
      idempotency_key: idempotencyKey,
      body_hash: createHash('sha256').update(JSON.stringify(order)).digest('hex'),
      origin: part.instance,
      traceparent: newTraceparent(part.ids),
      run: run ?? null,
    };
    return begin(data, identity, this.#sagas.context());
  }
}

function tooManyWaiting(): RejectedError {
  return new RejectedError('overloaded', 'Too many orders wait for the database', {
    hint: 'Send the same request with the same Idempotency-Key again in a second.',
  });
}

function answerOf(row: SagaRow): OrderAnswer {
  return { row, isDecided: isDecided(row) };
}

function isDecided(row: SagaRow): boolean {
  return (
    row.progress.phase !== 'undoing' && row.status !== 'reserving' && row.status !== 'charging'
  );
}

function isBeingCancelled({ progress }: SagaRow): boolean {
  return progress.outcome === 'cancelled' || progress.isCancelRequested === true;
}

/** What a customer sees of an answer that a fault dropped: none. */
function answerLost(): OutcomeUnknownError {
  return new OutcomeUnknownError('The answer was lost on its way', {
    hint: 'Send the same request with the same Idempotency-Key again.',
  });
}

function notCancellable({ id, status }: SagaRow): UserError {
  const isFinal = FINAL_STATUSES.some((each) => each === status);
  const why = isFinal ? `is ${status}` : 'is on its way back already';
  return new UserError('not-cancellable', `The order ${why}: it cannot be cancelled`, {
    hint: `See what became of it: wonderland order show ${id}`,
    details: { orderId: id, status },
  });
}
