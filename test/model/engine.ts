/** The engine under test, asked once for each state and event: it is pure, so the answer stands. */
import type { OrderData } from '../../src/mediator/order-data.ts';
import type { Reply } from '../../src/messaging/participant.ts';
import { start } from '../../src/saga/decide.ts';
import type { Decision, SagaCommand, SagaEvent, SagaState } from '../../src/saga/state.ts';
import { checkDecision, checkState } from './decision-rules.ts';
import { claim, Violation } from './violation.ts';
import { checkCommand } from './world-rules.ts';
import {
  idOf,
  ORDER,
  partsOf,
  type Model,
  type Sent,
  type Successor,
  type World,
} from './world.ts';

export interface EngineOptions {
  /** False: only what becomes of money, copies, history and mails counts, not how it was decided. */
  readonly areDecisionsChecked?: boolean;
  /** Called with every new pair of a state and an event. */
  readonly watch?: (before: SagaState<OrderData>, event: SagaEvent) => void;
}

/** Timers as the sweeper makes them: nothing is due, slept long but asked little, over budget, stuck. */
const TIMERS = {
  'timer: no answer yet': { kind: 'timer', attempt: 1, ageMs: 1_000 },
  'timer: slept for an hour': { kind: 'timer', attempt: 2, ageMs: 3_600_000 },
  'timer: over budget': { kind: 'timer', attempt: 3, ageMs: 30_001 },
  'timer: stuck': { kind: 'timer', attempt: 7, ageMs: 60_000 },
} as const satisfies Record<string, SagaEvent>;

export const CANCEL = { kind: 'cancel' } as const satisfies SagaEvent;
const REST_IS_OVER = { kind: 'timer', attempt: 2, ageMs: 120_000 } as const satisfies SagaEvent;

export class Engine {
  readonly model: Model;
  readonly #options: EngineOptions;
  readonly #states = new Map<string, SagaState<OrderData>>();
  /** Of each state, by event: both are the same objects again when they are the same. */
  readonly #decisions = new Map<SagaState<OrderData>, Map<SagaEvent, Decision<OrderData>>>();
  readonly #answers = new Map<string, Map<Reply, SagaEvent>>();
  readonly #pauses = new Map<string, SagaEvent>();

  constructor(model: Model, options: EngineOptions = {}) {
    this.model = model;
    this.#options = options;
  }

  /** Different states of the saga seen so far. */
  get states(): number {
    return this.#states.size;
  }

  /** Different decisions asked for so far. */
  get decisions(): number {
    return [...this.#decisions.values()].reduce((sum, each) => sum + each.size, 0);
  }

  first(): World {
    const decision = start(this.model.saga, ORDER);
    checkState(this.model.saga, decision.state);
    const empty = { sent: {}, inbox: {}, mails: [], hands: [] };
    const absent = { shelf: undefined, ledger: undefined, provider: undefined, history: undefined };
    const blank = { ...empty, ...absent, saga: this.#canonical(decision.state), isTimerSet: false };
    return this.#apply(blank, decision);
  }

  /** What the clock, the customer and answers on their way may do to the saga. */
  successors(world: World): Successor[] {
    const answers = Object.keys(world.inbox).map((id): Successor => [
      `answer to ${id}`,
      this.reply(world, id),
    ]);
    const pauses = Object.keys(world.sent).map((id): Successor => [
      `"not now" to ${id}`,
      this.pause(world, id),
    ]);
    return [...answers, ...this.#timers(world), ...pauses, ['cancel', this.after(world, CANCEL)]];
  }

  /** The answer to this command arrives. */
  reply(world: World, id: string): World {
    const answer = world.inbox[id];
    if (answer === undefined) throw new Error(`nobody answered ${id}`);
    const { type, body } = answer;
    const events = kept(this.#answers, id, () => new Map<Reply, SagaEvent>());
    const make = (): SagaEvent => ({ kind: 'replied', ...partsOf(id), type, body });
    const event = kept(events, answer, make);
    return this.after(world, event);
  }

  /** The participant asks for a pause instead of an answer. */
  pause(world: World, id: string): World {
    const { step, direction } = partsOf(id);
    const pending = world.saga.pending.find(
      (each) => each.step === step && each.direction === direction,
    );
    // Always to a new attempt: a copy of an old answer changes nothing.
    const attempt = (pending?.paused?.attempt ?? 0) + 1;
    const event = kept(this.#pauses, `${id}:${attempt}`, () => ({
      kind: 'postponed' as const,
      step,
      direction,
      attempt,
      afterMs: 500,
      why: 'busy',
    }));
    return this.after(world, event);
  }

  after(world: World, event: SagaEvent): World {
    const decision = this.#decide(world.saga, event);
    if (decision.state === world.saga && decision.commands.length === 0) return world;
    return this.#apply(world, decision);
  }

  /** The clock's next word to the saga: its rest is over, or nobody answered. */
  time(world: World): World {
    const event = world.saga.phase === 'resting' ? REST_IS_OVER : TIMERS['timer: no answer yet'];
    return this.after(world, event);
  }

  #timers(world: World): Successor[] {
    const isResting = world.saga.phase === 'resting';
    const over: Successor[] = isResting ? [['time to ship', this.time(world)]] : [];
    if (isResting && this.model.areTimersForTheirState) return over;
    const others = Object.entries(TIMERS).map(([label, event]): Successor => {
      const next = this.after(world, event);
      if (isResting) claim(next.saga === world.saga, 'ships-in-time', label);
      return [label, next];
    });
    return [...over, ...others];
  }

  #decide(state: SagaState<OrderData>, event: SagaEvent): Decision<OrderData> {
    const known = kept(this.#decisions, state, () => new Map<SagaEvent, Decision<OrderData>>());
    return kept(known, event, () => {
      const decision = this.#ask(state, event);
      const { areDecisionsChecked = true, watch } = this.#options;
      if (areDecisionsChecked) checkDecision(this.model.saga, state, { event, decision });
      watch?.(state, event);
      return { ...decision, state: this.#canonical(decision.state) };
    });
  }

  #ask(state: SagaState<OrderData>, event: SagaEvent): Decision<OrderData> {
    try {
      return this.model.decide(this.model.saga, state, event);
    } catch (error) {
      throw new Violation('always-an-answer', `${JSON.stringify(event)}: ${String(error)}`);
    }
  }

  #apply(world: World, { state, commands, timer }: Decision<OrderData>): World {
    const isTimerSet = timer === 'as-set' ? world.isTimerSet : timer !== 'off';
    const next = { ...world, saga: state, isTimerSet };
    for (const each of commands) if (world.sent[idOf(each)] === undefined) checkCommand(next, each);
    const sent = sending(world.sent, commands);
    const isSame = state === world.saga && sent === world.sent && isTimerSet === world.isTimerSet;
    return isSame ? world : { ...next, sent };
  }

  #canonical(state: SagaState<OrderData>): SagaState<OrderData> {
    const key = JSON.stringify(state);
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    this.#states.set(key, state);
    return state;
  }
}

/** Commands of decisions that are kept, as text. */
const TEXTS = new WeakMap<SagaCommand, Sent>();

function textOf({ exchange, body }: SagaCommand): Sent {
  return { name: exchange.command.name, body: JSON.stringify(body) };
}

interface Kept<Key, Value> {
  get(key: Key): Value | undefined;
  set(key: Key, value: Value): unknown;
}

/** What the map has under the key, made when it has nothing. */
function kept<Key, Value>(map: Kept<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** @throws Violation when a message id would name two different commands: inboxes would answer the wrong one. */
function sending(sent: World['sent'], commands: readonly SagaCommand[]): World['sent'] {
  const fresh: Record<string, Sent> = {};
  for (const command of commands) {
    const id = idOf(command);
    const said = kept(TEXTS, command, () => textOf(command));
    const known = sent[id];
    if (known === undefined) {
      command.exchange.command.body.parse(command.body);
      fresh[id] = said;
    } else if (known.name !== said.name || known.body !== said.body) {
      throw new Violation('one-id-one-command', `${id}: ${known.name}, then ${said.name}`);
    }
  }
  return Object.keys(fresh).length === 0 ? sent : { ...sent, ...fresh };
}
