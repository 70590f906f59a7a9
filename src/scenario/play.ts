/** Plays a plan on a stage: faults, steps, settling, verdict. The order of things, and nothing of how they are done. */
import { UserError, unreachable } from '../kernel/errors.ts';
import type { Check } from './judge/check.ts';
import type { Observations } from './judge/observations.ts';
import {
  armedBefore,
  isOver,
  verdictOf,
  type FaultOutcome,
  type Verdict,
} from './judge/verdict.ts';
import { inLanes } from './lanes.ts';
import { isMet, judgeMoment, sourcesAt, type Judged } from './judge/moments.ts';
import type { Plan, PlannedStep } from './plan.ts';
import type { Moment } from './recording/lines.ts';
import { describeStep } from './report/plan-text.ts';
import type { Depth, Stage } from './stage.ts';

/** What a run came to. */
export interface Play {
  readonly verdict: Verdict;
  readonly checks: readonly Check[];
  readonly faults: readonly FaultOutcome[];
  /** What was seen last. */
  readonly seen: Observations;
  readonly durationMs: number;
}

/** After all orders have ended, what does not hold yet gets this long: mails and records may still be on their way. */
const GRACE_MS = 3_000;
/** Longest wait for news before looking again. */
const LOOK_AGAIN_MS = 25;
/** After a step that did not hold, orders may take this long to end. */
const ABANDONED_WITHIN_MS = 5_000;
/** A stack that was just started, or just healed, may take this long to come to rest. */
const STEADY_WITHIN_MS = 10_000;

/**
 * Plays once. Faults are gone when it returns or throws.
 * @throws UserError `not-steady` when the stack is not fit for the run: nothing was injected.
 * @throws AbortError when the signal aborts.
 */
export async function play(plan: Plan, stage: Stage, signal: AbortSignal): Promise<Play> {
  const playing = new Playing(plan, stage, signal);
  try {
    return await playing.play();
  } catch (error) {
    // What broke the run is what the user must hear of; faults that can't be cleared end with their lease.
    await stage.heal().catch(() => undefined);
    throw error;
  }
}

class Playing {
  readonly #plan: Plan;
  readonly #stage: Stage;
  readonly #signal: AbortSignal;
  readonly #checks: Check[] = [];

  constructor(plan: Plan, stage: Stage, signal: AbortSignal) {
    this.#plan = plan;
    this.#stage = stage;
    this.#signal = signal;
  }

  async play(): Promise<Play> {
    await this.#requireSteady();
    await this.#stage.arm(this.#plan.faults);
    const stopped = await this.#takeSteps();
    const settled = stopped === undefined ? await this.#settle() : undefined;
    await this.#stage.heal();
    const last = settled === undefined ? await this.#abandon() : await this.#steadyAfter(settled);
    const faults = armedBefore(this.#plan, stopped, await this.#stage.outcomes());
    const verdict = verdictOf(this.#checks, faults);
    const durationMs = this.#stage.elapsed();
    this.#stage.record({ kind: 'end', atMs: durationMs, verdict });
    return { verdict, checks: this.#checks, faults, seen: last.seen, durationMs };
  }

  async #requireSteady(): Promise<void> {
    if (this.#plan.steady === undefined) return;
    const judged = await this.#judgeWithin(STEADY_WITHIN_MS, { moment: 'steady-before' });
    this.#keep('steady-before', judged);
    const broken = judged.checks.filter((check) => !check.isMet);
    if (broken.length === 0) return;
    const found = broken.map(({ name, found: what }) => `${name}: ${what}`).join('; ');
    throw new UserError(
      'not-steady',
      `${this.#plan.title} was not begun: the stack is not steady`,
      {
        hint: `What is wrong: ${found}. See \`wonderland ps\`, or use --isolated.`,
        details: { checks: broken },
      },
    );
  }

  async #steadyAfter(settled: Judged): Promise<Judged> {
    if (this.#plan.steady === undefined) return settled;
    const judged = await this.#judgeWithin(STEADY_WITHIN_MS, { moment: 'steady-after' });
    this.#keep('steady-after', judged);
    return settled;
  }

  /** A step did not hold, so that the end that was planned does not come: what always holds must hold all the same. */
  async #abandon(): Promise<Judged> {
    await this.#stage.waitForEnd(Math.min(this.#plan.settleMs, ABANDONED_WITHIN_MS));
    const judged = await this.#judge({ moment: 'abandoned' }, 'full');
    return this.#keep('abandoned', judged);
  }

  /** Steps in order; answers the one that did not hold. It ends the run: what follows builds on it. */
  async #takeSteps(): Promise<number | undefined> {
    for (const [index, step] of this.#plan.steps.entries()) {
      this.#signal.throwIfAborted();
      const { record, elapsed } = this.#bound();
      record({ kind: 'step', atMs: elapsed(), step: index + 1, does: describeStep(step) });
      const judged = await this.#takeStep(step, index);
      if (judged === undefined) continue;
      this.#keep('step', judged, index + 1);
      if (!isMet(judged)) return index + 1;
    }
    return undefined;
  }

  async #takeStep(step: PlannedStep, index: number): Promise<Judged | undefined> {
    const stage = this.#stage;
    switch (step.does) {
      case 'place':
        await this.#place(step);
        return undefined;
      case 'cancel':
        await stage.cancel(step.order);
        return undefined;
      case 'fault':
        await stage.arm([step.fault]);
        return undefined;
      case 'heal':
        await stage.heal();
        return undefined;
      case 'send':
        await stage.send(step.message);
        return undefined;
      case 'expect':
        return this.#judge({ moment: 'step', step: index + 1 }, 'quick');
      case 'until':
        return this.#judgeWithin(step.withinMs, { moment: 'step', step: index + 1 });
      default:
        return unreachable(step, 'a step');
    }
  }

  /** In order of the list, `parallel` at a time; spread evenly over the time when there is one. */
  async #place({
    orders,
    parallel,
    awaitsDecision,
    overMs,
  }: PlannedStep & { does: 'place' }): Promise<void> {
    const stage = this.#stage;
    const begun = stage.elapsed();
    const spacingMs = overMs === undefined ? 0 : overMs / orders.length;
    await inLanes(orders, parallel, async (order, index) => {
      const waitMs = begun + index * spacingMs - stage.elapsed();
      if (waitMs > 0) await stage.pause(waitMs);
      this.#signal.throwIfAborted();
      await stage.place(order, awaitsDecision);
    });
  }

  /** Waits until everything holds, but no longer than it can still come to hold. */
  async #settle(): Promise<Judged> {
    const stage = this.#stage;
    const { settleMs } = this.#plan;
    let deadline = stage.elapsed() + settleMs;
    await stage.waitForEnd(settleMs);
    let depth: Depth = 'quick';
    for (let isLast = false; ;) {
      this.#signal.throwIfAborted();
      const judged = await this.#judge({ moment: 'end' }, depth);
      const isDone = isMet(judged) || stage.elapsed() >= deadline;
      if (isDone && depth === 'full') return this.#keep('end', judged);
      if (!isLast && (isDone || isOver(judged.seen))) {
        isLast = true;
        deadline = Math.min(deadline, stage.elapsed() + GRACE_MS);
      }
      // What is slow to read is read when the rest holds, or when there is no more time for it.
      if (isDone) depth = 'full';
      else await stage.waitForNews(Math.min(LOOK_AGAIN_MS, deadline - stage.elapsed()));
    }
  }

  async #judgeWithin(withinMs: number, what: JudgedPart): Promise<Judged> {
    const stage = this.#stage;
    const deadline = stage.elapsed() + withinMs;
    for (;;) {
      this.#signal.throwIfAborted();
      const judged = await this.#judge(what, 'quick');
      if (isMet(judged) || stage.elapsed() >= deadline) return judged;
      await stage.waitForNews(Math.min(LOOK_AGAIN_MS, deadline - stage.elapsed()));
    }
  }

  async #judge({ moment, step }: JudgedPart, depth: Depth): Promise<Judged> {
    const sources = sourcesAt(this.#plan, { moment, step });
    const seen = await this.#stage.observe(depth, sources);
    return { seen, checks: judgeMoment(this.#plan, { moment, step, seen }) };
  }

  /** What was judged last at this moment is what counts. */
  #keep(moment: Moment, judged: Judged, step?: number): Judged {
    const { record } = this.#bound();
    const at = { moment, ...(step !== undefined && { step }) };
    record({ kind: 'seen', atMs: judged.seen.atMs, ...at, seen: judged.seen });
    for (const check of judged.checks) record({ kind: 'check', ...at, check });
    this.#checks.push(...judged.checks);
    return judged;
  }

  #bound(): Pick<Stage, 'record' | 'elapsed'> {
    const stage = this.#stage;
    return { record: (line) => stage.record(line), elapsed: () => stage.elapsed() };
  }
}

interface JudgedPart {
  readonly moment: Moment;
  readonly step?: number;
}
