/** The eight points of a message's life: what armed faults ask for at each of them happens here, and nowhere else. */
import type { Corruption, Point } from '../contracts/faults.ts';
import type { PUBLISH_OUTCOMES } from '../contracts/passages.ts';
import type { Random } from '../kernel/random.ts';
import { traceIdOf } from '../kernel/trace.ts';
import type { OutgoingMessage, PublishOutcome, RawMessage } from './bus.ts';
import { corrupted } from './corruption.ts';
import type { Death } from './dead-letter.ts';
import type { DueFault } from './faults.ts';
import type { Part } from './part.ts';
import type { Named, Passing } from './passing.ts';
import { publishUntilConfirmed } from './publisher.ts';
import type { Note } from './recorder.ts';

export type { Passing } from './passing.ts';

/** Makes a message unreadable. */
export type Mangle = (raw: RawMessage) => RawMessage;

/** How something goes on from a point. */
export interface Passed {
  /** Set when a fault asks the part to say no, with this reason. */
  readonly declineWith?: string;
  /** How many of it go on: 1 without faults, 0 when it was dropped. */
  readonly copies: number;
  /** Each copy waits by itself, up to this long, so that copies and neighbours overtake each other. */
  readonly scatter?: Scatter;
  /** Set when nobody is to be able to read it any more. */
  readonly mangle?: Mangle;
}

interface Scatter {
  readonly withinMs: number;
  readonly random: Random;
}

export type PointsPart = Pick<
  Part,
  'service' | 'instance' | 'bus' | 'clock' | 'random' | 'logger' | 'faults' | 'recorder' | 'crash'
>;

/** Nothing is done to it. */
const UNTOUCHED: Passed = Object.freeze({ copies: 1 });
/** So long a part that is to crash tries to say so: others would tell its next process of the same fault. */
const LAST_WORDS_MS = 500;
/** What sends the commands of sagas whose time has come. */
const SAGA_TIMER = 'saga.timer';

export class Points {
  readonly #part: PointsPart;
  readonly #signal: AbortSignal;
  #holds = 0;

  /** @param signal aborts when the part closes: waits end early, and nothing more is published. */
  constructor(part: PointsPart, signal: AbortSignal) {
    this.#part = part;
    this.#signal = signal;
  }

  /** Passes a point: waits, throws or ends the process when faults say so. */
  async pass(point: Point, message: Passing): Promise<Passed> {
    this.#notePoint(point, message);
    const due = this.#part.faults.at(point, message);
    return due.length === 0 ? UNTOUCHED : this.#suffer(due, point, message);
  }

  /** The one point inside a transaction: nothing to wait for, or a promise that keeps it open. Throws as `pass`. */
  passCommit(message: Passing): void | Promise<void> {
    this.#notePoint('commit', message);
    const due = this.#part.faults.at('commit', message);
    if (due.length > 0) return this.#suffer(due, 'commit', message).then(() => undefined);
  }

  /**
   * The same for a transaction that may be tried more than once: a group of them is rolled back because of one, and
   * each runs alone. What happened at the point the first time stands.
   */
  commitOnce(message: Passing): () => void | Promise<void> {
    let hasPassed = false;
    let waiting: void | Promise<void>;
    return () => {
      if (!hasPassed) waiting = this.passCommit(message);
      hasPassed = true;
      return waiting;
    };
  }

  /** The message changed nothing: its effect happened before. */
  noteDuplicate(message: Passing): void {
    this.#note(message, { kind: 'duplicate' });
  }

  /** A copy of the message is among the dead letters. */
  noteDeath(message: Named, { reason, detail }: Death): void {
    this.#note(message, { kind: 'dead-lettered', reason, detail });
  }

  /** What was to be sent is not, and nobody notices. */
  noteDropped(cause: Passing, message: OutgoingMessage): void {
    this.#noteSent(cause, message, 'dropped');
  }

  /** One copy's own wait after a point that scatters. */
  scatter({ scatter }: Passed): Promise<void> {
    return scatter === undefined
      ? Promise.resolve()
      : this.#wait(0, scatter.withinMs, scatter.random);
  }

  /**
   * Publishes past `publish` and `confirm`, which belong to what caused the message. A dropped one counts as
   * published: its sender is not to notice. One whose confirm is lost is published once more. Answers false when
   * it was given up because the part is closing.
   */
  async publish(cause: Passing, message: OutgoingMessage, mangle?: Mangle): Promise<boolean> {
    const passed = await this.pass('publish', cause);
    if (passed.copies === 0) this.noteDropped(cause, message);
    const send = (): Promise<boolean> => this.#send(cause, message, passed.mangle ?? mangle);
    const sent = await Promise.all(Array.from({ length: passed.copies }, send));
    const { copies: confirms } = await this.pass('confirm', cause);
    if (confirms === 0) sent.push(await send());
    return sent.every(Boolean) || !message.durable;
  }

  /** What no message caused was published once, past no point: by the timer of its saga. */
  noteTried(message: OutgoingMessage, result: PublishOutcome): void {
    const cause = { type: SAGA_TIMER, id: message.correlationId ?? message.id, run: message.run };
    this.#noteSent(cause, message, outcomeOf(result));
  }

  #send(cause: Passing, message: OutgoingMessage, mangle: Mangle | undefined): Promise<boolean> {
    return publishUntilConfirmed(message, {
      ...this.#part,
      signal: this.#signal,
      sender: this.#part.service,
      mangle,
      onOutcome: (result) => this.#noteSent(cause, message, outcomeOf(result)),
    });
  }

  /** One fault after another: each sees what the ones before it left. */
  async #suffer(due: readonly DueFault[], point: Point, message: Passing): Promise<Passed> {
    let passed: Passed = UNTOUCHED;
    for (const each of due) {
      const { fault } = each;
      const { action } = fault;
      // Log records are of no run: a hit on them belongs to the run of the fault.
      const hit = message.run === undefined ? { ...message, run: fault.run } : message;
      this.#note(hit, { kind: 'fault', faultId: fault.id, point, action });
      const text = `fault at ${point}: ${action.verb}`;
      this.#part.logger.log('debug', text, factsOf(message));
      if (action.verb === 'crash') await this.#crash(each, point, message);
      if (action.verb === 'hold') await this.#hold(each, point, message, action.limitMs);
      else if (each.isNews) void this.#part.faults.announce({ fault, point, message });
      if (action.verb === 'error') throw new Error(action.message);
      if (action.verb === 'delay') await this.#wait(action.minMs, action.maxMs, each.random);
      passed = { ...passed, ...changeOf(each, passed) };
    }
    return passed;
  }

  async #crash({ fault }: DueFault, point: Point, message: Passing): Promise<never> {
    const { clock, faults, crash } = this.#part;
    const limit = new AbortController();
    const told = faults.announce({ fault, point, message }).finally(() => limit.abort());
    await Promise.race([told, clock.sleep(LAST_WORDS_MS, limit.signal)]);
    return crash();
  }

  async #hold({ fault }: DueFault, point: Point, message: Passing, limitMs: number): Promise<void> {
    const { faults, instance } = this.#part;
    const hold = `${instance}:${point}:${++this.#holds}`;
    const facts = { faultId: fault.id, limitMs, signal: this.#signal };
    // Held first: the release may be quicker than the confirm of its announcement.
    const held = faults.holds?.hold(hold, facts);
    void faults.announce({ fault, point, message, hold });
    await held;
  }

  #wait(minMs: number, maxMs: number, random: Random): Promise<void> {
    return this.#part.clock.sleep(random.integer(minMs, maxMs), this.#signal);
  }

  #notePoint(point: Point, message: Passing): void {
    if (message.run === undefined) return;
    const { attempt, redelivered } = message;
    const isAgain = redelivered === true && { redelivered };
    this.#note(message, {
      kind: 'point',
      point,
      ...(attempt !== undefined && { attempt }),
      ...isAgain,
    });
  }

  #noteSent(cause: Named, message: OutgoingMessage, outcome: SentOutcome): void {
    const { type: sent, id: sentId, exchange, routingKey, durable } = message;
    this.#note(cause, { kind: 'sent', sent, sentId, exchange, routingKey, durable, outcome });
  }

  /** Messages of no run leave no trace. */
  #note({ type: message, id: messageId, run }: Named, what: What): void {
    if (run !== undefined) this.#part.recorder.record({ run, message, messageId, ...what });
  }
}

type WithoutMessage<N> = N extends unknown ? Omit<N, 'run' | 'message' | 'messageId'> : never;
type What = WithoutMessage<Note>;

type SentOutcome = (typeof PUBLISH_OUTCOMES)[number];

function outcomeOf(result: PublishOutcome): SentOutcome {
  const isUnroutable = result.outcome === 'refused' && result.isUnroutable === true;
  return isUnroutable ? 'unroutable' : result.outcome;
}

/** What a fault changes of what goes on; others act where they are. */
function changeOf({ fault: { action }, random }: DueFault, before: Passed): Partial<Passed> {
  if (action.verb === 'decline') return { declineWith: before.declineWith ?? action.reason };
  if (action.verb === 'drop') return { copies: 0 };
  if (action.verb === 'duplicate') return { copies: before.copies * (1 + action.copies) };
  if (action.verb === 'corrupt') return { mangle: mangleAs(action.what, random) };
  if (action.verb !== 'reorder') return {};
  const withinMs = Math.max(before.scatter?.withinMs ?? 0, action.withinMs);
  return { scatter: { withinMs, random } };
}

function mangleAs(what: Corruption, random: Random): Mangle {
  return (raw) => corrupted(raw, what, random);
}

/** What a record of a message says beside its text. */
export function factsOf(message: Pick<Passing, 'correlationId' | 'traceparent'>): {
  orderId?: string;
  traceId?: string;
} {
  const traceId = message.traceparent === undefined ? undefined : traceIdOf(message.traceparent);
  return {
    ...(message.correlationId !== undefined && { orderId: message.correlationId }),
    ...(traceId !== undefined && { traceId }),
  };
}
