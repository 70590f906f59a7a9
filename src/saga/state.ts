/** What the saga engine works on: states, events, and what follows from them, all plain data. */
import type { Exchange, Outcome } from './definition.ts';

/** `do` carries a step out, `undo` takes it back, `tell` notifies until there is a receipt. */
export const DIRECTIONS = ['do', 'undo', 'tell'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** A command without an answer yet: the outbox of the saga. */
export interface Pending {
  readonly step: string;
  readonly direction: Direction;
  /** The participant asked for a pause: how often, and to which attempt last. Absent: never. */
  readonly paused?: { readonly times: number; readonly attempt: number };
}

/**
 * `forward` towards the pivot and beyond, `undoing` back, `telling` when a milestone waits for its receipt,
 * `resting` until the time of the next milestone has come.
 */
export type Phase = 'forward' | 'undoing' | 'telling' | 'resting' | 'closed';

export interface SagaState<Data> {
  readonly phase: Phase;
  readonly status: string;
  /** Id of the stage that was reached last. */
  readonly stage: string;
  readonly pending: readonly Pending[];
  /** Steps whose command may have been sent, in that order: what an undo must cover. */
  readonly reached: readonly string[];
  /** Known from the first undo, or from the first milestone. */
  readonly outcome?: Outcome | undefined;
  /** Position of the milestone reached last among those of the outcome. */
  readonly milestone?: number | undefined;
  /** Why it goes back, or will as soon as what is on its way has arrived. */
  readonly reason?: string | undefined;
  /** The customer changed their mind when the pivot was behind and the stage not complete. */
  readonly isCancelRequested?: boolean | undefined;
  readonly data: Data;
}

export type SagaEvent =
  | {
      readonly kind: 'replied';
      readonly step: string;
      readonly direction: Direction;
      /** Contract name of the reply. */
      readonly type: string;
      readonly body: unknown;
    }
  /** The participant did nothing and asks for a pause. */
  | {
      readonly kind: 'postponed';
      readonly step: string;
      readonly direction: Direction;
      /** Which sending of the command it answers: a copy of the same answer counts once. */
      readonly attempt: number;
      readonly afterMs: number;
      /** In words, for people. */
      readonly why: string;
    }
  /** The time that was set has come: nobody answered `attempt` commands, or the rest is over. */
  | {
      readonly kind: 'timer';
      readonly attempt: number;
      /** Since the saga began, milliseconds. */
      readonly ageMs: number;
    }
  /** The customer wants out. */
  | { readonly kind: 'cancel' };

export interface SagaCommand {
  readonly step: string;
  readonly direction: Direction;
  readonly to: string;
  readonly exchange: Pick<Exchange<unknown>, 'command' | 'reply'>;
  readonly body: unknown;
}

/** Something that happened to the saga, for its log. */
export interface SagaFact {
  readonly event: string;
  readonly reason?: string | undefined;
}

/** A pause, milliseconds, that ends at the latest when the saga is too old. */
export interface SagaWait {
  readonly afterMs: number;
  /** Since the saga began, milliseconds. */
  readonly byAgeMs?: number;
}

/** When the saga wants to hear from the clock: after a pause, as it was set before, or not at all. */
export type SagaTimer = SagaWait | 'as-set' | 'off';

export interface Decision<Data> {
  readonly state: SagaState<Data>;
  readonly commands: readonly SagaCommand[];
  /** None: the state is the same as before. */
  readonly facts: readonly SagaFact[];
  readonly timer: SagaTimer;
}
