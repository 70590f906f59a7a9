// Goal: long lives hold what short ones do. Method: hundreds of random events over a network that really loses and repeats.
import fc from 'fast-check';
import { expect, test } from 'vitest';

import { replayDifference } from '../../src/mediator/replay.ts';
import { stateOf } from '../../src/mediator/saga-row.ts';
import type { SagaEvent } from '../../src/saga/state.ts';
import { CANCEL, Engine } from './engine.ts';
import { FairScheduler } from './fair.ts';
import { VERSION_2 } from './models.ts';
import { arrive } from './participants.ts';
import { goOn } from './payment-model.ts';
import { RecordedSaga } from './recorded.ts';
import { worldKeys } from './world-key.ts';
import { checkWorld } from './world-rules.ts';
import { partsOf, type Successor, type World } from './world.ts';

const SEED = Date.now() % 1_000_000_000;
const RUNS = 40;
const EVENTS = { minLength: 200, maxLength: 400 };
const PATIENCE_MS = 60_000;

interface Draw {
  readonly what: number;
  readonly pick: number;
}

const draw = fc.record({ what: fc.nat(99), pick: fc.nat(9_999) });

test(
  `hundreds of events, whatever they are, break no promise, and the log tells them all again (seed ${SEED})`,
  () => {
    const ends = new Set<string>();
    fc.assert(
      fc.property(fc.array(draw, EVENTS), (draws) => {
        const life = new Life();
        for (const each of draws) life.play(each);
        ends.add(life.finish());
        expect(replayDifference(life.recorded.stored(), life.recorded.row)).toBeUndefined();
      }),
      { seed: SEED, numRuns: RUNS },
    );
    // Whatever the seed: random lives end in more than one way.
    expect(ends.size).toBeGreaterThan(1);
  },
  PATIENCE_MS,
);

/** Messages are in flight here as often as they were sent and not delivered; a crash loses what it loses. */
class Life {
  readonly recorded = new RecordedSaga();
  readonly #engine = new Engine(VERSION_2);
  #world: World = this.#engine.first();
  #commands: string[] = [...this.recorded.takeOutbox()];
  #attempt = 0;
  #answers: string[] = [];

  /** Mostly deliveries; now and then a timer, a pause, a loss, a repetition, a crash, a change of mind. */
  play({ what, pick }: Draw): void {
    if (what < 30) return this.#deliverCommand(pick, what < 3);
    if (what < 45) return this.#goOn(pick);
    if (what < 75) return this.#deliverAnswer(pick, what < 49);
    if (what < 80) return this.#lose(pick);
    if (what < 85) return this.#repeat(pick);
    if (what < 88) return this.#pause(pick);
    if (what === 88 && pick < 2_000) return this.#tell(CANCEL);
    if (what < 97) return this.#time({ kind: 'timer', attempt: 1, ageMs: 1_000 });
    if (pick < 2_000) return this.#time({ kind: 'timer', attempt: 3, ageMs: 30_001 });
    if (pick < 4_000) return this.#time({ kind: 'timer', attempt: 7, ageMs: 60_000 });
  }

  /** Everything that still flies is lost, and the participants are well from now on: it ends, as it must. */
  finish(): string {
    const keyOf = worldKeys();
    new FairScheduler(this.#engine, keyOf).check(this.#world, keyOf(this.#world));
    return this.#world.saga.status;
  }

  /** `isCrash`: the effect is done, the answer never goes out, and the command comes again. */
  #deliverCommand(pick: number, isCrash: boolean): void {
    const id = this.#commands[pick % this.#commands.length];
    if (id === undefined) return;
    this.#choose(arrive(this.#world, id, VERSION_2.rules), pick);
    if (isCrash) return;
    this.#commands.splice(this.#commands.indexOf(id), 1);
    if (this.#world.inbox[id] !== undefined) this.#answers.push(id);
  }

  #goOn(pick: number): void {
    const answered = Object.keys(this.#world.inbox);
    this.#choose(goOn(this.#world, VERSION_2.rules), pick);
    const fresh = Object.keys(this.#world.inbox).filter((id) => !answered.includes(id));
    this.#answers.push(...fresh);
  }

  /** `isCrash`: the row moves on, but nothing is published, and the answer comes again. */
  #deliverAnswer(pick: number, isCrash: boolean): void {
    const id = this.#answers[pick % this.#answers.length];
    const answer = id === undefined ? undefined : this.#world.inbox[id];
    if (id === undefined || answer === undefined) return;
    this.#tell({ kind: 'replied', ...partsOf(id), type: answer.type, body: answer.body }, isCrash);
    if (!isCrash) this.#answers.splice(this.#answers.indexOf(id), 1);
  }

  #lose(pick: number): void {
    const flying = pick % 2 === 0 ? this.#commands : this.#answers;
    flying.splice(pick % Math.max(1, flying.length), 1);
  }

  #repeat(pick: number): void {
    const flying = pick % 2 === 0 ? this.#commands : this.#answers;
    const id = flying[pick % flying.length];
    if (id !== undefined && flying.length < 20) flying.push(id);
  }

  #pause(pick: number): void {
    const id = this.#commands[pick % this.#commands.length];
    if (id === undefined) return;
    this.#commands.splice(this.#commands.indexOf(id), 1);
    const attempt = ++this.#attempt;
    this.#tell({ kind: 'postponed', ...partsOf(id), attempt, afterMs: 500, why: 'busy' });
  }

  #time(event: SagaEvent): void {
    this.#tell(event);
  }

  #choose(successors: readonly Successor[], pick: number): void {
    const [, next] = successors[pick % Math.max(1, successors.length)] ?? [];
    if (next === undefined) return;
    checkWorld(next);
    this.#world = next;
  }

  #tell(event: SagaEvent, isCrash = false): void {
    this.#world = this.#engine.after(this.#world, event);
    checkWorld(this.#world);
    this.recorded.tell(event);
    expect(stateOf(this.recorded.row)).toEqual(this.#world.saga);
    expect(this.recorded.row.next_at === null).toBe(!this.recorded.row.open);
    const sent = this.recorded.takeOutbox();
    if (!isCrash) this.#commands.push(...sent.filter(() => this.#commands.length < 30));
  }
}
