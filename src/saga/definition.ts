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
  readonly undo: Exchange<Data> | undefined;
}

export interface Stage<Data> {
  readonly id: string;
  /** What the order's status says meanwhile. */
  readonly status: string;
  /** What it says while the stages before it, and this one, are undone. */
  readonly undoStatus: string;
  /** All at once; the stage ends when all are done. */
  readonly steps: readonly Step<Data>[];
  /** From the next stage on there is no way back: steps are retried for ever. */
  readonly isPivot: boolean;
}

/** How a saga ends: its last status, and who is told until there is a receipt. */
export interface Ending<Data> {
  readonly status: string;
  readonly event: string;
  readonly notify: Step<Data>;
}

export interface SagaDefinition<Data> {
  readonly name: string;
  readonly version: number;
  /** Of everything that matters for a saga in flight: a changed definition must get a new version. */
  readonly hash: string;
  readonly stages: readonly Stage<Data>[];
  readonly success: Ending<Data>;
  readonly failure: Ending<Data>;
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
  readonly undo?: Exchange<Data>;
}

/** A step of a saga over `Data`. */
export function step<Data, Command extends Contract, Done extends Contract>(
  id: string,
  spec: StepSpec<Data, Command, Done>,
): Step<Data> {
  const { to, refused, undo } = spec;
  return { id, to, forward: exchange(spec), refused, undo };
}

/** A command with its reply; also the form of a compensation. */
export function exchange<Data, Command extends Contract, Done extends Contract>(
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
  const contracts = (each: Exchange<Data> | undefined): unknown =>
    each && [each.command.name, each.command.version, each.reply.name, each.reply.version];
  const shape = (each: Step<Data>): unknown => [
    each.id,
    each.to,
    contracts(each.forward),
    each.refused?.reply.name,
    contracts(each.undo),
  ];
  const structure = [
    saga.stages.map((stage) => [stage.id, stage.isPivot, stage.steps.map(shape)]),
    [saga.success, saga.failure].map((ending) => [ending.status, shape(ending.notify)]),
  ];
  const hash = createHash('sha256').update(JSON.stringify(structure)).digest('hex').slice(0, 16);
  return Object.freeze({ ...saga, hash });
}
