/** Moves sagas on, a batch at a time: from memory in one statement where memory is true, else under lock. */
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/logger.ts';
import type { SagaEvent } from '../saga/decide.ts';
import type { SagaMemory } from './saga-memory.ts';
import type { SagaRow } from './saga-row.ts';
import type { SagaStore } from './saga-store.ts';
import { merged, move, type Moved, type TransitionContext } from './transition.ts';

/** An event for a saga. */
export interface Step {
  readonly sagaId: string;
  readonly event: SagaEvent;
  /** The message that brought it. */
  readonly messageId: string | null;
  /** Called right before the write; a throw leaves everything as it was. */
  readonly beforeCommit: () => void;
}

export interface MoverOptions {
  readonly store: Pick<SagaStore, 'advance' | 'transition'>;
  readonly memory: SagaMemory;
  readonly logger: Logger;
  readonly context: () => TransitionContext;
}

type Result = Moved | undefined;

export class Mover {
  readonly #options: MoverOptions;

  constructor(options: MoverOptions) {
    this.#options = options;
  }

  /** Durable when resolved. One result for each step; undefined when the saga is unknown or the event makes no sense. */
  async run(batch: readonly Step[]): Promise<readonly Result[]> {
    const settled = await this.#fromMemory(batch);
    const rest = batch.filter((each) => !settled.has(each));
    if (rest.length > 0) await this.#underLock(rest, settled);
    return batch.map((each) => settled.get(each));
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
    const unsure = new Set(
      batch.filter((each) => (results.get(each)?.log.length ?? 0) === 0).map((each) => each.sagaId),
    );
    const sure = batch.filter((each) => !unsure.has(each.sagaId));
    if (sure.length === 0) return new Map();
    for (const each of sure) each.beforeCommit();
    const moves = merged(sure.map((each) => results.get(each)));
    const moved = await store.advance(moves);
    this.#remember(moves, moved);
    return new Map(
      sure.filter((each) => moved.has(each.sagaId)).map((each) => [each, results.get(each)]),
    );
  }

  async #underLock(batch: readonly Step[], settled: Map<Step, Result>): Promise<void> {
    const { store, logger, context } = this.#options;
    const ids = [...new Set(batch.map((each) => each.sagaId))].toSorted();
    let moves: readonly Pick<Moved, 'row' | 'log'>[] = [];
    await store.transition(ids, {
      move: (rows) => {
        const results = decideAll(batch, rows, context(), logger);
        for (const each of batch) settled.set(each, results.get(each));
        moves = merged([...results.values()]);
        return moves;
      },
      beforeCommit: () => batch.forEach((each) => each.beforeCommit()),
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

/** Decides on one step after another; several of one saga build on each other. */
function decideAll(
  batch: readonly Step[],
  rows: ReadonlyMap<string, SagaRow>,
  context: TransitionContext,
  logger?: Logger,
): Map<Step, Result> {
  const current = new Map(rows);
  const results = new Map<Step, Result>();
  for (const step of batch) {
    const { sagaId, event, messageId } = step;
    const row = current.get(sagaId);
    try {
      const moved = row && move(row, event, { ...context, messageId });
      if (moved !== undefined) current.set(sagaId, moved.row);
      else
        logger?.log('error', 'a reply belongs to no saga that is known here', { orderId: sagaId });
      results.set(step, moved);
    } catch (error) {
      logger?.log('error', `a reply could not be taken: ${messageOf(error)}`, { orderId: sagaId });
      results.set(step, undefined);
    }
  }
  return results;
}
