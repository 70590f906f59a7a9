/** What people can do with dead letters: look at them, send them again, drop them. */
import type { z } from 'zod';

import {
  MAX_DEAD_LETTERS,
  MAX_SHOWN_BYTES,
  type DeadLetterDetail,
  type DeadLetterList,
  type DeadLetterOutcome,
  type DeadLetterSelection,
  type DeadLetterView,
} from '../../contracts/dead-letters.ts';
import { UserError } from '../../kernel/errors.ts';
import { redriveOf } from '../../messaging/dead-letter.ts';
import type { Part } from '../../messaging/part.ts';
import type { DeadLetterRow, DeadLetterStore, RowFilter, WholeRow } from './store.ts';
import { propertiesOf } from './wire-json.ts';

/** Ids that a message names at most. */
const NAMED = 5;

type Selection = z.output<typeof DeadLetterSelection>;
type Failure = DeadLetterOutcome['failed'][number];

export class DeadLetterDesk {
  readonly #part: Pick<Part, 'bus' | 'clock' | 'logger'>;
  readonly #store: DeadLetterStore;

  constructor(part: Pick<Part, 'bus' | 'clock' | 'logger'>, store: DeadLetterStore) {
    this.#part = part;
    this.#store = store;
  }

  async list(filter: RowFilter, limit: number): Promise<DeadLetterList> {
    const { rows, total } = await this.#store.list(filter, limit);
    return { deadLetters: rows.map(viewOf), total };
  }

  /** By id, or a beginning that only one has. @throws UserError `unknown-dead-letter` */
  async show(typed: string): Promise<DeadLetterDetail> {
    const row = await this.#store.find(await this.#idOf(typed));
    if (row === undefined) throw unknown(typed);
    return detailOf(row);
  }

  /**
   * Sends each to the queue where it died, under its own id, then writes that down: a crash between the two
   * leaves it dead, and sending it twice does no harm. A broker that is away is waited for once: the others are
   * left. @throws UserError `unknown-dead-letter`: nothing was sent
   */
  async retry(selection: Selection): Promise<DeadLetterOutcome> {
    const { rows, left } = await this.#select(selection);
    if (selection.dryRun) return { dryRun: true, done: rows.map(viewOf), failed: [], left };
    const done: DeadLetterView[] = [];
    const failed: Failure[] = [];
    for (const each of rows) {
      const problem = await this.#redrive(each.id);
      if (problem === undefined) done.push(viewOf((await this.#store.find(each.id)) ?? each));
      else failed.push({ id: each.id, problem: problem.slice(0, 500) });
      if (problem !== undefined && !this.#takesMessages()) break;
    }
    const untried = rows.length - done.length - failed.length;
    return { dryRun: false, done, failed, left: left + untried };
  }

  /** Removes them for good. @throws UserError `unknown-dead-letter`: nothing was dropped */
  async drop(selection: Selection): Promise<DeadLetterOutcome> {
    const { rows, left } = await this.#select(selection);
    if (selection.dryRun) return { dryRun: true, done: rows.map(viewOf), failed: [], left };
    const gone = await this.#store.drop(rows);
    for (const { id, type, reason } of rows.filter((each) => gone.has(each.id))) {
      this.#part.logger.log('info', 'a dead letter was dropped', { deadLetter: id, type, reason });
    }
    const problem = 'it died again meanwhile';
    return {
      dryRun: false,
      done: rows.filter((each) => gone.has(each.id)).map(viewOf),
      failed: rows.filter((each) => !gone.has(each.id)).map(({ id }) => ({ id, problem })),
      left,
    };
  }

  #takesMessages(): boolean {
    const { bus } = this.#part;
    return bus.isConnected() && !bus.isBlocked();
  }

  /** What is wrong when it could not be sent; undefined when the broker has it. */
  async #redrive(id: string): Promise<string | undefined> {
    const { bus, clock, logger } = this.#part;
    const row = await this.#store.find(id);
    if (row === undefined) return 'it was dropped meanwhile';
    if (!row.is_kept) return `its ${row.size_bytes} bytes were not kept`;
    if (row.queue === '') return 'nobody knows which queue it came from';
    const raw = {
      exchange: row.exchange,
      routingKey: row.routing_key,
      content: row.content,
      properties: propertiesOf(row.properties),
    };
    const published = await bus.forward(redriveOf(raw, row.queue, row.retries + 1));
    if (published.outcome !== 'confirmed') return published.reason;
    await this.#store.markRetried(row, clock.now());
    logger.log('info', `a dead letter was sent again: ${row.type ?? 'of no type'}`, {
      ...(row.order_id !== null && { orderId: row.order_id }),
      deadLetter: id,
    });
    return undefined;
  }

  /** Named ones in any state; else only what is dead. */
  async #select(selection: Selection): Promise<{ rows: readonly DeadLetterRow[]; left: number }> {
    const { ids: typed, type, reason, order, run } = selection;
    const ids = typed && (await Promise.all(typed.map((each) => this.#idOf(each))));
    const filter = { ids, type, reason, order, run, ...(ids === undefined && { state: 'dead' }) };
    const { rows, total } = await this.#store.oldest(filter, MAX_DEAD_LETTERS);
    return { rows, left: total - rows.length };
  }

  async #idOf(typed: string): Promise<string> {
    const [id, ...others] = await this.#store.idsLike(typed, NAMED);
    if (id === undefined) throw unknown(typed);
    if (others.length === 0) return id;
    const all = [id, ...others].join(', ');
    throw new UserError('unknown-dead-letter', `Several dead letters begin with ${typed}: ${all}`, {
      hint: 'Write more of the id.',
    });
  }
}

function unknown(id: string): UserError {
  return new UserError('unknown-dead-letter', `There is no dead letter ${id}`, {
    hint: 'See: wonderland dlq list',
    details: { deadLetter: id },
  });
}

function viewOf(row: DeadLetterRow): DeadLetterView {
  return {
    id: row.id,
    state: row.state,
    reason: row.reason,
    detail: row.detail,
    ...(row.service !== null && { service: row.service }),
    queue: row.queue,
    ...(row.type !== null && { type: row.type }),
    ...(row.message_id !== null && { messageId: row.message_id }),
    ...(row.order_id !== null && { orderId: row.order_id }),
    ...(row.trace_id !== null && { traceId: row.trace_id }),
    ...(row.run !== null && { run: row.run }),
    sizeBytes: row.size_bytes,
    times: row.times,
    firstAt: row.first_at,
    lastAt: row.last_at,
    retries: row.retries,
    ...(row.retried_at !== null && { retriedAt: row.retried_at }),
  };
}

function detailOf(row: WholeRow): DeadLetterDetail {
  const { exchange, routing_key: routingKey, properties, is_kept: isKept } = row;
  const shown = row.content.subarray(0, MAX_SHOWN_BYTES);
  const text = textOf(shown);
  const body =
    text === undefined
      ? { encoding: 'base64' as const, content: shown.toString('base64'), isKept }
      : { encoding: 'text' as const, content: text, isKept };
  return { ...viewOf(row), exchange, routingKey, properties: { ...properties }, body };
}

/** The bytes as text, when that is what they are; the cut may go through a character. */
function textOf(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
