/** Visits every world that can be reached in a number of events, breadth first, so that the first trace is a shortest. */
import { BugError } from '../../src/kernel/errors.ts';
import { arrive } from './participants.ts';
import { Engine, type EngineOptions } from './engine.ts';
import { FairScheduler } from './fair.ts';
import { goOn } from './payment-model.ts';
import { Violation } from './violation.ts';
import { checkWorld } from './world-rules.ts';
import { worldKeys, type KeyOf } from './world-key.ts';
import type { Model, Successor, World } from './world.ts';

export interface Exploration {
  /** Events from the start to the farthest world. */
  readonly depth: number;
  readonly worlds: number;
  readonly transitions: number;
  readonly sagaStates: number;
  readonly decisions: number;
  /** Worlds in which the saga is closed. */
  readonly closed: number;
  /** Nothing new is reachable, at whatever depth. */
  readonly isComplete: boolean;
  readonly violation?: { readonly rule: string; readonly what: string; readonly trace: string[] };
}

interface Visited {
  readonly world: World;
  readonly label: string;
  readonly from: Visited | undefined;
}

export interface ExploreOptions extends EngineOptions {
  /** Events at most. */
  readonly depth: number;
  /** Also checks that every world visited has a fair way to its end. */
  readonly isLivenessChecked?: boolean;
}

/** Every event that may happen to a world. */
export function successorsOf(engine: Engine, world: World): Successor[] {
  const { rules } = engine.model;
  const arrivals = Object.keys(world.sent).flatMap((id) =>
    arrive(world, id, rules).map(([label, next]): Successor => [`${id}: ${label}`, next]),
  );
  return [...arrivals, ...goOn(world, rules), ...engine.successors(world)];
}

export function explore(model: Model, options: ExploreOptions): Exploration {
  return new Explorer(model, options).run();
}

class Explorer {
  readonly #engine: Engine;
  readonly #options: ExploreOptions;
  readonly #scheduler: FairScheduler;
  readonly #keyOf: KeyOf = worldKeys();
  readonly #seen = new Set<string>();
  #transitions = 0;
  #closed = 0;
  #next: Visited[] = [];

  constructor(model: Model, options: ExploreOptions) {
    this.#engine = new Engine(model, options);
    this.#scheduler = new FairScheduler(this.#engine, this.#keyOf);
    this.#options = options;
  }

  run(): Exploration {
    let depth = 0;
    const first = (): void => this.#visit(this.#engine.first(), 'start', undefined);
    let violation = caught(first, undefined);
    for (; violation === undefined && this.#next.length > 0 && depth < this.#options.depth; depth++)
      violation = this.#goDeeper();
    return {
      depth,
      worlds: this.#seen.size,
      transitions: this.#transitions,
      sagaStates: this.#engine.states,
      decisions: this.#engine.decisions,
      closed: this.#closed,
      isComplete: this.#next.length === 0,
      ...(violation !== undefined && { violation }),
    };
  }

  #goDeeper(): Exploration['violation'] {
    const frontier = this.#next;
    this.#next = [];
    for (const from of frontier) {
      const violation = caught(() => {
        for (const [label, world] of successorsOf(this.#engine, from.world)) {
          this.#transitions++;
          if (world !== from.world) this.#visit(world, label, from);
        }
      }, from);
      if (violation !== undefined) return violation;
    }
    return undefined;
  }

  #visit(world: World, label: string, from: Visited | undefined): void {
    const key = this.#keyOf(world);
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    const visited = { world, label, from };
    this.#next.push(visited);
    if (world.saga.phase === 'closed') this.#closed++;
    try {
      checkWorld(world);
      if (this.#options.isLivenessChecked === true) this.#scheduler.check(world, key);
    } catch (error) {
      throw new Found(error, visited);
    }
  }
}

/** A violation in a world, with the way there. */
class Found {
  readonly error: unknown;
  readonly at: Visited;

  constructor(error: unknown, at: Visited) {
    this.error = error;
    this.at = at;
  }
}

function caught(work: () => void, from: Visited | undefined): Exploration['violation'] {
  try {
    work();
    return undefined;
  } catch (thrown) {
    const { error, at } = thrown instanceof Found ? thrown : { error: thrown, at: from };
    if (error instanceof Violation)
      return { rule: error.rule, what: error.message, trace: traceOf(at) };
    // The participants' own rules refuse what no correct saga asks them.
    if (error instanceof BugError)
      return { rule: 'participants-agree', what: error.message, trace: traceOf(at) };
    throw error;
  }
}

function traceOf(last: Visited | undefined): string[] {
  const trace: string[] = [];
  for (let at = last; at !== undefined; at = at.from) trace.unshift(at.label);
  return trace;
}
