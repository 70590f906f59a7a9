/** A saga as data: stages of steps with stable ids, what undoes each, and what ends it. Built by `defineSaga`. */
import { createHash } from 'node:crypto';

import type { BodyOf, Contract } from '../contracts/message.ts';

/** A command and the reply that says it is done. */
export interface Exchange<Data> {
  readonly command: Contract;
  /** `reason` is set once the saga has begun to go back. */
  readonly body: (data: Data, reason: string | undefined) => unknown;
  readonly reply: Contract;
  /** Past tense, one word: what the saga log says when the reply has come. */
  readonly event: string;
  /** What the saga remembers of the reply. */
  readonly learn: (data: Data, body: unknown) => Data;
}

/** The reply that says no: nothing was done, and nothing will be. */
export interface Refusal {
  readonly reply: Contract;
  readonly event: string;
  readonly reasonOf: (body: unknown) => string;
}

export interface Step<Data> {
  /** Stable over versions: message ids are made of it. */
  readonly id: string;
  /** Part that carries it out. */
  readonly to: string;
  readonly forward: Exchange<Data>;
  readonly refused: Refusal | undefined;
  /** Compensation: idempotent, and safe to send when the command itself may never have arrived. */
  readonly undo: Compensation<Data> | undefined;
  /** Compensation of a step that is known to be done, when the pivot is behind; `undo` where there is none. */
  readonly reverse: Compensation<Data> | undefined;
  /** How long an answer may take before the command is sent again, milliseconds; doubled on each attempt. */
  readonly patienceMs: number;
}

/** A command that takes a step back. */
export interface Compensation<Data> extends Exchange<Data> {
  /** What the order's status says meanwhile. */
  readonly status: string;
}

export interface Stage<Data> {
  readonly id: string;
  /** What the order's status says meanwhile. */
  readonly status: string;
  /** All at once; the stage ends when all are done. */
  readonly steps: readonly Step<Data>[];
  /** From the next stage on there is no way back: steps are retried for ever. */
  readonly isPivot: boolean;
}

/** A status that the customer hears of: somebody is told until there is a receipt. */
export interface Milestone<Data> {
  readonly status: string;
  readonly event: string;
  readonly notify: Step<Data>;
  /** How long the saga rests after the milestone before, milliseconds: a durable timer. */
  readonly afterMs?: (data: Data) => number;
}

/** How a saga can end: `cancelled` by its customer, `failure` for every other reason. */
export type Outcome = 'success' | 'failure' | 'cancelled';

export interface SagaDefinition<Data> {
  readonly name: string;
  readonly version: number;
  /** Of everything that matters for a saga in flight: a changed definition must get a new version. */
  readonly hash: string;
  readonly stages: readonly Stage<Data>[];
  /** The milestones of each outcome, in order; the saga is closed after the last. */
  readonly endings: Readonly<Record<Outcome, readonly Milestone<Data>[]>>;
  /** Before the pivot a saga that is older gives up and goes back, milliseconds; absent: never. */
  readonly budgetMs?: number;
  /** What one saga does otherwise: data and no structure, so no part of the hash. */
  readonly policyOf?: (data: Data) => SagaPolicy | undefined;
}

/** How the time of one saga differs from its definition; what is absent is as there. All milliseconds. */
export interface SagaPolicy {
  /** How long an answer of a part may take before the command is sent again, by part. */
  readonly patienceMs?: Readonly<Record<string, number | undefined>> | undefined;
  /** Longest pause between two attempts, whoever asked for it. */
  readonly longestPauseMs?: number | undefined;
  /** Before the pivot a saga that is older gives up and goes back, however often it asked. */
  readonly budgetMs?: number | undefined;
}

/** A saga can be cancelled until the last milestone of its success; not at all when it has no such ending. */
export function isCancellable<Data>({ endings }: SagaDefinition<Data>): boolean {
  return endings.cancelled.length > 0;
}

/** How `step` is written: bodies are typed by their contracts. */
export interface StepSpec<Data, Command extends Contract, Done extends Contract> {
  readonly to: string;
  readonly command: Command;
  readonly body: (data: Data, reason: string | undefined) => BodyOf<Command>;
  readonly reply: Done;
  readonly event: string;
  readonly learn?: (data: Data, body: BodyOf<Done>) => Data;
  readonly refused?: Refusal;
  readonly undo?: Compensation<Data>;
  readonly reverse?: Compensation<Data>;
  readonly patienceMs?: number;
}

/** Long enough for a busy participant, short enough that nobody notices a lost message. */
const PATIENCE_MS = 1_000;

/** A step of a saga over `Data`. */
export function step<Data, Command extends Contract, Done extends Contract>(
  id: string,
  spec: StepSpec<Data, Command, Done>,
): Step<Data> {
  const { to, refused, undo, reverse, patienceMs = PATIENCE_MS } = spec;
  return { id, to, forward: exchange(spec), refused, undo, reverse, patienceMs };
}

/** A compensation, and what the status says while it is on its way. */
export function compensation<Data, Command extends Contract, Done extends Contract>(
  status: string,
  spec: Pick<StepSpec<Data, Command, Done>, 'command' | 'body' | 'reply' | 'event' | 'learn'>,
): Compensation<Data> {
  return { ...exchange(spec), status };
}

function exchange<Data, Command extends Contract, Done extends Contract>(
  spec: Pick<StepSpec<Data, Command, Done>, 'command' | 'body' | 'reply' | 'event' | 'learn'>,
): Exchange<Data> {
  const { command, body, reply, event, learn } = spec;
  return {
    command,
    body,
    reply,
    event,
    learn: (data, answer) => learn?.(data, reply.body.parse(answer) as BodyOf<Done>) ?? data,
  };
}

/** The refusal of a step, with the reason read from its body. */
export function refusal<C extends Contract>(
  reply: C,
  event: string,
  reasonOf: (body: BodyOf<C>) => string,
): Refusal {
  return { reply, event, reasonOf: (body) => reasonOf(reply.body.parse(body) as BodyOf<C>) };
}

/** Freezes and hashes a definition. */
export function defineSaga<Data>(saga: Omit<SagaDefinition<Data>, 'hash'>): SagaDefinition<Data> {
  const { success, failure, cancelled } = saga.endings;
  const structure = [
    saga.stages.map((stage) => [stage.id, stage.isPivot, stage.steps.map(shapeOf)]),
    // The first of each as version 1 had them; whatever it did not know comes behind.
    [...success.slice(0, 1), ...failure.slice(0, 1), ...success.slice(1), ...cancelled].map(
      (each) => [each.status, shapeOf(each.notify)],
    ),
  ];
  const hash = createHash('sha256').update(JSON.stringify(structure)).digest('hex').slice(0, 16);
  return Object.freeze({ ...saga, hash });
}

/** What of a step matters to a saga in flight, as plain data. */
function shapeOf<Data>({ id, to, forward, refused, undo, reverse }: Step<Data>): unknown {
  const contracts = (each: Exchange<Data> | undefined): unknown =>
    each && [each.command.name, each.command.version, each.reply.name, each.reply.version];
  const shape = [id, to, contracts(forward), refused?.reply.name, contracts(undo)];
  return reverse === undefined ? shape : [...shape, contracts(reverse)];
}
