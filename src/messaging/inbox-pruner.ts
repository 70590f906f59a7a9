/** Keeps a participant's inbox small: answers go when their saga has been closed for long enough. */
import { askClosed, closedTold, MAX_ASKED_SAGAS } from '../contracts/mediator.ts';
import { messageOf } from '../kernel/errors.ts';
import { uuidAt } from '../kernel/ids.ts';
import type { InboxTx, ParticipantStore } from './participant.ts';
import type { Part } from './part.ts';
import { RpcClient } from './rpc-client.ts';

const ANSWER_WITHIN_MS = 5_000;
/** Between two questions of one round: forgetting is never in a hurry. */
const PAUSE_MS = 250;
/** Longest and shortest rest between two rounds. */
const LONGEST_REST_MS = 600_000;
const SHORTEST_REST_MS = 1_000;

export interface InboxPrunerOptions {
  readonly part: Part;
  readonly store: ParticipantStore<InboxTx>;
  /** How long answers are kept after their saga was closed: late copies may still be on their way. */
  readonly keepMs: number;
}

/**
 * The mediator is asked, because it alone knows; a saga that it does not call closed keeps its answers. A
 * copy of a command that comes later still finds the order's state, which does not let it happen again.
 */
export async function startInboxPruner(options: InboxPrunerOptions): Promise<AsyncDisposable> {
  const rpc = await RpcClient.open(options.part);
  const closing = new AbortController();
  const running = new InboxPruner(options, rpc, closing.signal).run();
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await running;
      await rpc[Symbol.asyncDispose]();
    },
  };
}

class InboxPruner {
  readonly #options: InboxPrunerOptions;
  readonly #rpc: RpcClient;
  readonly #signal: AbortSignal;

  constructor(options: InboxPrunerOptions, rpc: RpcClient, signal: AbortSignal) {
    this.#options = options;
    this.#rpc = rpc;
    this.#signal = signal;
  }

  async run(): Promise<void> {
    const { part, keepMs } = this.#options;
    const restMs = Math.min(LONGEST_REST_MS, Math.max(SHORTEST_REST_MS, keepMs / 10));
    for (;;) {
      await part.clock.sleep(restMs, this.#signal);
      if (this.#signal.aborted) return;
      try {
        await this.#round();
      } catch (error) {
        // Nothing depends on it; the next round comes.
        if (this.#signal.aborted) return;
        part.logger.log('debug', `the inbox was not pruned: ${messageOf(error)}`);
      }
    }
  }

  /** Goes through the old sagas once. A saga's id tells when it began, so younger ones are not asked for. */
  async #round(): Promise<void> {
    const { part, store, keepMs } = this.#options;
    const before = uuidAt(part.clock.now() - keepMs);
    for (let after = ''; !this.#signal.aborted;) {
      const range = { after, before, limit: MAX_ASKED_SAGAS };
      const sagaIds = await store.transact((tx) => tx.answeredSagas(range));
      const last = sagaIds.at(-1);
      if (last === undefined) return;
      const closed = await this.#closedAmong(sagaIds);
      if (closed.length > 0) await store.transact((tx) => tx.forgetAnswers(closed));
      after = last;
      await part.clock.sleep(PAUSE_MS, this.#signal);
    }
  }

  async #closedAmong(ids: readonly string[]): Promise<readonly string[]> {
    // A command outside of sagas is filed under its own id.
    const sagaIds = ids.filter((each) => UUID.test(each));
    if (sagaIds.length === 0) return [];
    const { closed } = await this.#rpc.ask({
      service: 'mediator',
      contract: askClosed,
      body: { sagaIds, forMs: this.#options.keepMs },
      answer: closedTold,
      withinMs: ANSWER_WITHIN_MS,
      signal: this.#signal,
    });
    return closed;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
