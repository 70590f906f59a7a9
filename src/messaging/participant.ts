/** A service that takes commands: each is carried out once, however often it arrives. */
import type { BodyOf, Contract } from '../contracts/message.ts';
import { ping, pong, retryLater } from '../contracts/participant.ts';
import { messageOf, WonderlandError } from '../kernel/errors.ts';
import type { IncomingMessage, OutgoingMessage } from './bus.ts';
import { givenUp } from './dead-letter.ts';
import { startHandler, type Handling } from './handler.ts';
import type { Part } from './part.ts';

const PREFETCH = 256;
/** What a command is told to wait when its handler failed. */
const RETRY_AFTER_MS = 500;
/** The same when its database cannot be used: doubled with every attempt, so that fifteen seconds are bridged. */
const AWAY_RETRY_AFTER_MS = 1_000;
const LONGEST_AWAY_RETRY_AFTER_MS = 30_000;
/** The same for a command that is a dead letter now: people are slower. */
const DEAD_RETRY_AFTER_MS = 60_000;

/** An answer: a contract and a body that fits it. Plain JSON, so that the inbox can keep it. */
export interface Reply {
  readonly type: string;
  readonly version: number;
  readonly body: unknown;
}

/** @throws ZodError when the body does not fit its contract. */
export function reply<C extends Contract>(contract: C, body: BodyOf<C>): Reply {
  return { type: contract.name, version: contract.version, body: contract.body.parse(body) };
}

/** The inbox of a participant, inside its transaction: what was answered is answered again. */
export interface InboxTx {
  findReply(messageId: string): Promise<Reply | undefined>;
  saveReply(messageId: string, sagaId: string, reply: Reply): Promise<void>;
  /** Changes nothing, but fails where nothing could be written. */
  touch(): Promise<void>;
  /** Ids of sagas that have answers here: in order, after one and before another, at most `limit`. */
  answeredSagas(range: SagaRange): Promise<string[]>;
  /** Forgets all answers to messages of these sagas. */
  forgetAnswers(sagaIds: readonly string[]): Promise<void>;
}

/** Both ends are left out. */
export interface SagaRange {
  readonly after: string;
  readonly before: string;
  readonly limit: number;
}

/** A participant's database: works run one after another inside shared, durable transactions. */
export interface ParticipantStore<Tx extends InboxTx> {
  /** Resolves after the commit. A work that throws leaves nothing; it may be run more than once before. */
  transact<T>(work: (tx: Tx) => Promise<T>, beforeCommit?: () => void | Promise<void>): Promise<T>;
}

/** What a command handler can do. */
export interface Work<Tx> {
  /** Set when the handler is to say no with this reason (a fault of a scenario). */
  readonly declineWith: string | undefined;
  /** The effect and its answer, in one transaction with the inbox: a repeated message gets the stored answer. */
  once(work: (tx: Tx) => Promise<Reply>): Promise<Reply>;
  /** A transaction of its own: for queries, and for what must be durable before the effect. */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
}

export interface CommandHandler<Tx> {
  readonly contract: Contract;
  readonly answer: (message: IncomingMessage, work: Work<Tx>) => Promise<Reply>;
}

/** Types a handler's body from its contract: the wrapper has checked it before. */
export function onMessage<Tx, C extends Contract>(
  contract: C,
  answer: (body: BodyOf<C>, work: Work<Tx>, message: IncomingMessage) => Promise<Reply>,
): CommandHandler<Tx> {
  return {
    contract,
    answer: (message, work) => answer(message.body as BodyOf<C>, work, message),
  };
}

export interface ParticipantOptions<Tx extends InboxTx> {
  readonly queue: string;
  readonly store: ParticipantStore<Tx>;
  readonly handlers: readonly CommandHandler<Tx>[];
  /** A message whose handler failed is kept and tried again here, instead of being answered with "later". */
  readonly keepsFailed?: boolean;
}

/** Serves a queue with these handlers, and answers the canary. */
export async function startParticipant<Tx extends InboxTx>(
  part: Part,
  { queue, store, handlers, keepsFailed = false }: ParticipantOptions<Tx>,
): Promise<AsyncDisposable> {
  const canary = onMessage<Tx, typeof ping>(ping, async ({ nonce }, work) => {
    await work.transact((tx) => tx.touch());
    return reply(pong, { nonce, service: part.service });
  });
  const byContract = new Map([...handlers, canary].map((each) => [keyOf(each.contract), each]));
  return startHandler(part, {
    queue,
    prefetch: PREFETCH,
    handle: async (message, handling) => {
      const handler = byContract.get(keyOf({ name: message.type, version: message.version }));
      if (handler === undefined) throw givenUp(`${part.service} does not handle ${message.type}`);
      const answer = await handler.answer(message, workOf(store, message, handling));
      return [answerTo(message, answer)].filter((each) => each !== undefined);
    },
    onError: (message, error) =>
      keepsFailed && !isAway(error) && message.type !== ping.name
        ? undefined
        : answerLater(message, error),
    onDeath: (message, { reason, detail }) => {
      const why = reason === 'given-up' ? detail : reason;
      return answerTo(message, notNow(`dead-lettered: ${why}`, DEAD_RETRY_AFTER_MS));
    },
  });
}

function keyOf({ name, version }: Pick<Contract, 'name' | 'version'>): string {
  return `${name}/${version}`;
}

function workOf<Tx extends InboxTx>(
  store: ParticipantStore<Tx>,
  message: IncomingMessage,
  { declineWith, beforeCommit, noteDuplicate }: Handling,
): Work<Tx> {
  return {
    declineWith,
    transact: (work) => store.transact(work),
    once: (work) =>
      store.transact(async (tx) => {
        const known = await tx.findReply(message.id);
        if (known !== undefined) {
          noteDuplicate();
          return known;
        }
        const fresh = await work(tx);
        await tx.saveReply(message.id, message.correlationId ?? message.id, fresh);
        return fresh;
      }, beforeCommit),
  };
}

/** "Not now", with the reason; the pause grows while the service's database is away. */
export function answerLater(message: IncomingMessage, error: unknown): OutgoingMessage | undefined {
  if (!isAway(error)) return answerTo(message, notNow(messageOf(error), RETRY_AFTER_MS));
  const doubled = AWAY_RETRY_AFTER_MS * 2 ** Math.min(message.attempt - 1, 10);
  const pauseMs = Math.min(doubled, LONGEST_AWAY_RETRY_AFTER_MS);
  return answerTo(message, notNow(`cannot write its data: ${messageOf(error)}`, pauseMs));
}

/** The store's fault and not the message's: every other one fails just so. */
function isAway(error: unknown): boolean {
  return error instanceof WonderlandError && error.code === 'database-unreachable';
}

function notNow(reason: string, afterMs: number): Reply {
  // Cut through a character, or said by who knows whom: what databases refuse is replaced.
  const text = Buffer.from(reason.slice(0, 200)).toString().replaceAll('\u0000', '\u{FFFD}');
  return reply(retryLater, { afterMs, reason: text });
}

/** Goes where the sender asked for it; a message without that wants no answer. */
export function answerTo(message: IncomingMessage, answer: Reply): OutgoingMessage | undefined {
  if (message.replyTo === undefined) return undefined;
  return {
    exchange: '',
    routingKey: message.replyTo,
    type: answer.type,
    version: answer.version,
    id: `${message.id}:reply`,
    correlationId: message.correlationId,
    inReplyTo: message.id,
    attempt: message.attempt,
    traceparent: message.traceparent,
    run: message.run,
    // Whoever asked from a private queue may be gone, and asks again; a saga's replies must arrive.
    durable: message.correlationId !== undefined,
    body: answer.body,
  };
}
