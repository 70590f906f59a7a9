/** A fair scheduler: participants are healthy, timers come, what is sent arrives. It must bring every saga to its end. */
import { arrive } from './participants.ts';
import type { Engine } from './engine.ts';
import { goOn } from './payment-model.ts';
import { claim } from './violation.ts';
import { checkEnd, checkWorld } from './world-rules.ts';
import type { KeyOf } from './world-key.ts';
import { idOf, type Successor, type World } from './world.ts';

/** More events than any saga needs from anywhere to its end. */
const MAX_EVENTS = 60;

export class FairScheduler {
  readonly #engine: Engine;
  readonly #keyOf: KeyOf;
  /** Worlds from which the end is known to be reached. */
  readonly #ending = new Set<string>();
  /** Where a world ends up when everything arrives that was ever sent. */
  readonly #floods = new Map<string, World>();

  constructor(engine: Engine, keyOf: KeyOf) {
    this.#engine = engine;
    this.#keyOf = keyOf;
  }

  /**
   * From here the saga must close, whether everything in flight is lost and only what the row still sends arrives, or
   * everything that was ever sent arrives first. The end must satisfy the equations. @throws Violation
   */
  check(world: World, key: string): void {
    this.#finish(world, key);
    this.#finish(this.#flooded(world), undefined);
  }

  #finish(from: World, key: string | undefined): void {
    const passed: string[] = key === undefined ? [] : [key];
    let world = from;
    for (let events = 0; world.saga.phase !== 'closed'; events++) {
      claim(events < MAX_EVENTS, 'ends', () => JSON.stringify(world.saga));
      const at = this.#keyOf(world);
      if (this.#ending.has(at)) break;
      passed.push(at);
      world = this.#oneRound(world);
      checkWorld(world);
    }
    if (world.saga.phase === 'closed') {
      checkEnd(world);
      checkEnd(this.#flooded(world));
    }
    for (const each of passed) this.#ending.add(each);
  }

  /** The timer sends what is pending; it arrives, is carried out, and the answers come back. */
  #oneRound(world: World): World {
    const awaited = world.saga.pending.map(idOf);
    let now = world;
    if (awaited.length === 0) return this.#engine.time(now);
    for (const id of awaited) now = this.#answered(now, id);
    for (const id of awaited) now = this.#engine.reply(now, id);
    return now;
  }

  #answered(world: World, id: string): World {
    let now = world;
    for (let events = 0; now.inbox[id] === undefined; events++) {
      claim(events < MAX_EVENTS, 'commands-are-answered', id);
      now = this.#firstNew(now, arrive(now, id, this.#engine.model.rules)) ?? this.#goOn(now);
    }
    return now;
  }

  #goOn(world: World): World {
    return this.#firstNew(world, goOn(world, this.#engine.model.rules)) ?? world;
  }

  /** Every command ever sent arrives, every handler goes on, until nothing new comes of it. */
  #flooded(world: World): World {
    const passed: string[] = [];
    let now: World | undefined = world;
    let last = world;
    for (; now !== undefined; now = this.#firstNew(last, this.#arrivals(last))) {
      const key = this.#keyOf(now);
      const known = this.#floods.get(key);
      last = known ?? now;
      if (known !== undefined) break;
      checkWorld(now);
      passed.push(key);
      claim(passed.length < MAX_EVENTS, 'settles', () => JSON.stringify(world.saga));
    }
    for (const key of passed) this.#floods.set(key, last);
    return last;
  }

  #arrivals(world: World): Successor[] {
    const { rules } = this.#engine.model;
    const arrivals = Object.keys(world.sent).flatMap((id) => arrive(world, id, rules));
    return [...arrivals, ...goOn(world, rules)];
  }

  #firstNew(world: World, successors: readonly Successor[]): World | undefined {
    const key = this.#keyOf(world);
    return successors.map(([, next]) => next).find((next) => this.#keyOf(next) !== key);
  }
}
