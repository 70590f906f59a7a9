/** Moves sagas on with every reply, timer and cancellation, sends what follows, and tells who waits. */
import { setMaxListeners } from 'node:events';

import type { JournalEntry } from '../contracts/orders.ts';
import { Batcher } from '../kernel/batcher.ts';
import { BugError, messageOf } from '../kernel/errors.ts';
import { traceIdOf } from '../kernel/trace.ts';
import type { IncomingMessage, OutgoingMessage } from '../messaging/bus.ts';
import { startHandler, type Handling } from '../messaging/handler.ts';
import type { Part } from '../messaging/part.ts';
import { Points, type Passing } from '../messaging/points.ts';
import type { SagaEvent } from '../saga/state.ts';
import { answeredCommand, eventOf, type AnsweredCommand } from './command-reply.ts';
import type { Journal } from './journal.ts';
import { Mover, movedOf, type Result, type Step } from './mover.ts';
import { Outbox } from './outbox.ts';
import { SagaMemory } from './saga-memory.ts';
import type { SagaRow } from './saga-row.ts';
import type { SagaStore } from './saga-store.ts';
import { Sweeper } from './sweeper.ts';
import { journalOf, move, type Moved, type TransitionContext } from './transition.ts';
import { Waiters } from './waiters.ts';

/** Sagas in one transaction at most. */
export const BATCH_LIMIT = 100;
const PREFETCH = 256;
/** What happens to an order when nothing about it hurries any more. */
const SETTLED = ['confirmed', 'rejected', 'cancelled'];

export interface SagaRunnerOptions {
  readonly part: Part;
  readonly store: SagaStore;
  readonly journal: Journal;
  /** An order has come so far that nothing hurries any more: confirmed, rejected or cancelled. */
  readonly onSettled: (tookMs: number | undefined) => void;
  /** How long orders take at the moment, milliseconds. */
  readonly typicalMs: () => number;
}

export class SagaRunner implements AsyncDisposable {
  /** For what comes in another way than by a message. */
  readonly points: Points;
  readonly #options: SagaRunnerOptions;
  readonly #steps: Batcher<Step, Result>;
  readonly #mover: Mover;
  readonly #memory = new SagaMemory();
  readonly #waiters: Waiters;
  readonly #closing = new AbortController();
  readonly #outbox: Outbox;
  #sweeper: Sweeper | undefined;
  #replies: AsyncDisposable | undefined;
  #unlisten: () => void = () => undefined;

  constructor(options: SagaRunnerOptions) {
    this.#options = options;
    const { store, part } = options;
    // Every message that waits for the broker may wait on it; Node would take more than ten for a leak and say so.
    setMaxListeners(0, this.#closing.signal);
    this.points = new Points(part, this.#closing.signal);
    this.#outbox = new Outbox(part, this.points);
    this.#mover = new Mover({
      store,
      memory: this.#memory,
      logger: part.logger,
      context: () => this.context(),
    });
    this.#waiters = new Waiters({ clock: part.clock, findAll: (ids) => store.findAll(ids) });
    this.#steps = new Batcher({ limit: BATCH_LIMIT, run: (batch) => this.#moveAll(batch) });
  }

  /** Listens for replies, and takes up whatever earlier mediators left open. */
  async start(): Promise<void> {
    const { part, store, journal } = this.#options;
    this.#unlisten = journal.listen((entry) => this.#heed(entry));
    this.#sweeper = new Sweeper({
      part,
      store,
      onDue: (row) => this.#due(row),
      typicalMs: this.#options.typicalMs,
      isBehind: () => this.#outbox.isBehind,
    });
    this.#replies = await startHandler(part, {
      queue: part.names.replies,
      prefetch: PREFETCH,
      handle: (message, handling) => this.#onReply(message, handling),
      onError: () => undefined,
    });
  }

  /** What decisions are made with. */
  context(): TransitionContext {
    const { names, clock } = this.#options.part;
    return { names, now: clock.now() };
  }

  /** A saga that was just inserted: everybody hears of it, and its commands go out. */
  begin(fresh: Moved, cause: Passing): void {
    this.#memory.remember(fresh.row);
    this.#options.journal.publish(journalOf(fresh));
    this.#outbox.send(fresh.messages, cause);
  }

  /** Something happens to a saga that no message brought. Answers its row as it is then. */
  async tell(sagaId: string, event: SagaEvent, atSeq?: number): Promise<SagaRow | undefined> {
    const from = { messageId: null, beforeCommit: (): void => undefined };
    const result = await this.#steps.submit({ sagaId, event, atSeq, ...from });
    const moved = movedOf(result);
    // What changes nothing is no reason to send anything: a customer may cancel as often as they like.
    if (moved !== undefined && moved.log.length > 0) this.#outbox.try(moved.messages);
    return moved?.row;
  }

  /** The row as soon as it is far enough, or when the wait is over. */
  async wait(
    id: string,
    isEnough: (row: SagaRow) => boolean,
    waitMs: number,
  ): Promise<SagaRow | undefined> {
    const { store } = this.#options;
    const enough = this.#waiters.wait(id, isEnough, waitMs);
    // It may have come so far between its last reading and our waiting.
    const now = await store.find(id);
    if (now !== undefined) this.#waiters.wake(now);
    return (await enough) ?? (await this.#look(id));
  }

  /** As `wait`, for a saga that cannot have moved yet: nothing is read while it goes well. */
  async waitFromStart(
    id: string,
    isEnough: (row: SagaRow) => boolean,
    waitMs: number,
  ): Promise<SagaRow | undefined> {
    const enough = this.#waiters.wait(id, isEnough, waitMs);
    return (await enough) ?? (await this.#look(id));
  }

  /** Takes nothing new, finishes what is in hand, and lets those go who wait for more. */
  async drain(): Promise<void> {
    await this.#sweeper?.[Symbol.asyncDispose]();
    await this.#replies?.[Symbol.asyncDispose]();
    this.#waiters.endAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unlisten();
    await this.drain();
    this.#closing.abort();
    await this.#steps.idle();
  }

  /** Undefined also while the database is away: whoever waited knows an older row. */
  #look(id: string): Promise<SagaRow | undefined> {
    return this.#options.store.find(id).catch(() => undefined);
  }

  /** What another mediator did: our memory of the saga is over, and somebody here may wait for it. */
  #heed(entry: JournalEntry): void {
    this.#memory.heed(entry);
    // What is still remembered was done here: whoever waits has heard of it.
    const isOwnNews = this.#memory.get(entry.orderId) !== undefined;
    if (isOwnNews || !this.#waiters.isAwaited(entry.orderId)) return;
    this.#options.store.find(entry.orderId).then(
      (row) => row !== undefined && this.#waiters.wake(row),
      () => undefined,
    );
  }

  /** Participants answer with the id of the command, which names saga, step and direction. */
  async #onReply(
    message: IncomingMessage,
    { beforeCommit, noteDuplicate, redelivered }: Handling,
  ): Promise<readonly OutgoingMessage[]> {
    const answered = answeredCommand(message);
    if (answered === undefined) {
      this.#complain(message, 'answers no command of a saga');
      return [];
    }
    const event = eventOf(message, answered);
    const { sagaId } = answered;
    const result = await this.#steps.submit({ sagaId, event, messageId: message.id, beforeCommit });
    // Kept unacked: it goes to a mediator that knows the definition when this one ends.
    if (result === 'unknown-definition')
      throw new BugError('the definition of its saga is unknown');
    if (result === 'unknown-saga') this.#complain(message, 'belongs to no saga that is known here');
    if (isStale(movedOf(result), answered)) noteDuplicate();
    const { log, messages } = movedOf(result) ?? { log: [], messages: [] };
    // Nothing moved: whoever had it before may have died before sending what follows. Of a mere copy that is
    // not so; were it a reason to send again, copies would breed copies with every round trip.
    return log.length > 0 || redelivered ? messages : [];
  }

  #complain(message: IncomingMessage, what: string): void {
    this.#options.part.logger.log('error', `${message.type} ${what}`, { messageId: message.id });
  }

  /** Time is up for a saga: mostly the same commands go out again, sometimes it moves on. */
  #due(row: SagaRow): void {
    const context = this.context();
    const event = {
      kind: 'timer',
      attempt: row.attempt,
      ageMs: context.now - row.created_at,
    } as const;
    try {
      const moved = move({ ...row, attempt: row.attempt + 1 }, event, {
        ...context,
        messageId: null,
      });
      if (moved.log.length === 0) return this.#outbox.try(moved.messages);
    } catch (error) {
      this.#options.part.logger.log(
        'error',
        `its time has come: ${messageOf(error)}`,
        factsOf(row),
      );
      return;
    }
    // Its clock was set anew when it was taken: what is remembered is older, and what fails here comes again.
    this.#memory.forget(row.id);
    // It may have moved on meanwhile: this timer was set for an answer that came, not for the rest that followed.
    this.tell(row.id, event, row.log_seq).catch((error: unknown) =>
      this.#options.part.logger.log(
        'warn',
        `could not be moved on: ${messageOf(error)}`,
        factsOf(row),
      ),
    );
  }

  async #moveAll(batch: readonly Step[]): Promise<readonly Result[]> {
    const results = await this.#mover.run(batch);
    const moved = results
      .map(movedOf)
      .filter((each): each is Moved => each !== undefined && each.log.length > 0);
    this.#options.journal.publish(moved.flatMap(journalOf));
    for (const each of moved) this.#settled(each);
    return results;
  }

  #settled({ row, log, timerMs }: Moved): void {
    const { onSettled, part } = this.#options;
    const { logger } = part;
    this.#waiters.wake(row);
    if (timerMs !== undefined) this.#sweeper?.wakeIn(timerMs);
    for (const { kind, payload } of log) {
      if (kind === 'stuck') logger.log('error', `order is stuck: ${payload.reason}`, factsOf(row));
      // One that was taken back may have rested before.
      const tookMs = kind === 'cancelled' ? undefined : row.updated_at - row.created_at;
      if (SETTLED.includes(kind)) onSettled(tookMs);
    }
  }
}

/** Nothing moved, because nobody awaits the answer: it came before, or too late. */
function isStale(moved: Moved | undefined, { step, direction }: AnsweredCommand): boolean {
  if (moved === undefined || moved.log.length > 0) return false;
  return !moved.row.pending.some((each) => each.step === step && each.direction === direction);
}

function factsOf(row: SagaRow): { orderId: string; traceId: string | undefined } {
  return { orderId: row.id, traceId: traceIdOf(row.traceparent) };
}
