/** Moves sagas on, a batch at a time: from memory in one statement where memory is true, else under lock. */
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { SagaEvent } from '../saga/state.ts';
import type { SagaMemory } from './saga-memory.ts';
import type { SagaRow } from './saga-row.ts';
import type { SagaStore } from './saga-store.ts';
import { sagaOf } from './sagas.ts';
import { merged, move, type Moved, type TransitionContext } from './transition.ts';

/** An event for a saga. */
export interface Step {
  readonly sagaId: string;
  readonly event: SagaEvent;
  /** The message that brought it. */
  readonly messageId: string | null;
  /** Meant for the saga as it was when its log had this length; in any other state it means nothing. */
  readonly atSeq?: number | undefined;
  /** Called right before the write, which waits for it; a throw leaves everything as it was. */
  readonly beforeCommit: () => void | Promise<void>;
}

export interface MoverOptions {
  readonly store: Pick<SagaStore, 'advance' | 'transition'>;
  readonly memory: SagaMemory;
  readonly logger: Logger;
  readonly context: () => TransitionContext;
}

/**
 * `unknown-saga`: no row has this id. `refused`: the event makes no sense to the saga, now or ever.
 * `unknown-definition`: another program began the saga, and has to carry it on.
 */
export type Result = Moved | 'unknown-saga' | 'refused' | 'unknown-definition';

export class Mover {
  readonly #options: MoverOptions;

  constructor(options: MoverOptions) {
    this.#options = options;
  }

  /** Durable when resolved. One result for each step. */
  async run(batch: readonly Step[]): Promise<readonly Result[]> {
    const settled = await this.#fromMemory(batch);
    const rest = batch.filter((each) => !settled.has(each));
    if (rest.length > 0) await this.#underLock(rest, settled);
    return batch.map((each) => settled.get(each) ?? 'unknown-saga');
  }

  /**
   * Only steps that move a saga: "this is not awaited" may be true of what is remembered and false of the
   * row. The write succeeds for rows that are as remembered, which their log's length tells.
   */
  async #fromMemory(batch: readonly Step[]): Promise<Map<Step, Result>> {
    const { store, memory, context } = this.#options;
    const rows = new Map<string, SagaRow>();
    for (const { sagaId } of batch) {
      const row = memory.get(sagaId);
      if (row !== undefined) rows.set(sagaId, row);
    }
    const results = decideAll(batch, rows, context());
    const isMoved = (each: Step): boolean => (movedOf(results.get(each))?.log.length ?? 0) > 0;
    const unsure = new Set(batch.filter((each) => !isMoved(each)).map((each) => each.sagaId));
    const sure = batch.filter((each) => !unsure.has(each.sagaId));
    if (sure.length === 0) return new Map();
    await passAll(sure);
    const moves = merged(sure.map((each) => movedOf(results.get(each))));
    const moved = await store.advance(moves);
    this.#remember(moves, moved);
    return new Map([...results].filter(([each]) => moved.has(each.sagaId)));
  }

  async #underLock(batch: readonly Step[], settled: Map<Step, Result>): Promise<void> {
    const { store, logger, context } = this.#options;
    const ids = [...new Set(batch.map((each) => each.sagaId))].toSorted();
    let moves: readonly Pick<Moved, 'row' | 'log'>[] = [];
    await store.transition(ids, {
      move: (rows) => {
        const results = decideAll(batch, rows, { ...context(), logger });
        for (const [each, result] of results) settled.set(each, result);
        moves = merged([...results.values()].map(movedOf));
        return moves;
      },
      beforeCommit: () => passAll(batch),
    });
    this.#remember(moves, new Set(ids));
  }

  #remember(moves: readonly Pick<Moved, 'row'>[], moved: ReadonlySet<string>): void {
    for (const { row } of moves) {
      if (moved.has(row.id)) this.#options.memory.remember(row);
      else this.#options.memory.forget(row.id);
    }
  }
}

/** Waits only where a fault says so. */
async function passAll(batch: readonly Step[]): Promise<void> {
  for (const { beforeCommit } of batch) {
    const wait = beforeCommit();
    if (wait !== undefined) await wait;
  }
}

/** The transition, when there was one. */
export function movedOf(result: Result | undefined): Moved | undefined {
  return typeof result === 'object' ? result : undefined;
}

/** Decides on one step after another; several of one saga build on each other. */
function decideAll(
  batch: readonly Step[],
  rows: ReadonlyMap<string, SagaRow>,
  context: TransitionContext & { readonly logger?: Logger },
): Map<Step, Result> {
  const current = new Map(rows);
  const results = new Map<Step, Result>();
  for (const step of batch) {
    const row = current.get(step.sagaId);
    const result = row === undefined ? 'unknown-saga' : decideOne(row, step, context);
    if (typeof result === 'object') current.set(step.sagaId, result.row);
    results.set(step, result);
  }
  return results;
}

function decideOne(
  row: SagaRow,
  { sagaId, event, messageId, atSeq = row.log_seq }: Step,
  context: TransitionContext & { readonly logger?: Logger },
): Result {
  if (sagaOf(row) === undefined) return 'unknown-definition';
  if (atSeq !== row.log_seq) return { row, log: [], messages: [], timerMs: undefined };
  try {
    return move(row, event, { ...context, messageId });
  } catch (error) {
    const what = event.kind === 'replied' ? event.type : event.kind;
    context.logger?.log('error', `${what} could not be taken: ${messageOf(error)}`, {
      orderId: sagaId,
    });
    return 'refused';
  }
}
