/** Which dead letters are meant: ids and flags, checked before anybody is asked. */
import {
  DEAD_LETTER_REASONS,
  DeadLetterId,
  type DeadLetterReason,
  type DeadLetterSelection,
} from '../../contracts/dead-letters.ts';
import { UserError } from '../../kernel/errors.ts';
import { closest } from '../../kernel/suggestion.ts';
import { oneOf } from '../arguments.ts';
import type { DeadLetterClient } from './client.ts';

export interface FilterOptions {
  readonly type?: string | undefined;
  readonly reason?: string | undefined;
  readonly order?: string | undefined;
}

export interface SelectOptions extends FilterOptions {
  readonly ids: readonly string[];
  readonly all?: boolean | undefined;
}

interface Filter {
  readonly type?: string;
  readonly reason?: DeadLetterReason;
  readonly order?: string;
}

/** @throws UserError `usage` for a reason that there is not, `unknown-order` for what is no order's id. */
export function filterOf({ type, reason, order }: FilterOptions): Filter {
  return {
    ...(type !== undefined && { type }),
    ...(reason !== undefined && { reason: oneOf('--reason', DEAD_LETTER_REASONS)(reason) }),
    ...(order !== undefined && { order: orderOf(order) }),
  };
}

/**
 * @throws UserError `input-missing` when nothing says which, `usage` when two things do, `unknown-dead-letter` for
 * what is no id.
 */
export function selectionOf(options: SelectOptions, command: string): DeadLetterSelection {
  const filter = filterOf(options);
  const { all = false } = options;
  const isFiltered = Object.keys(filter).length > 0;
  const ids = options.ids.map(idOf);
  if ([ids.length > 0, isFiltered, all].filter(Boolean).length > 1) {
    throw new UserError('usage', 'Ids, filters and --all do not go together.', {
      hint: 'Give ids, or --type, --reason and --order, or --all.',
    });
  }
  if (ids.length > 0) return { ids };
  if (isFiltered) return filter;
  if (all) return { all };
  throw new UserError('input-missing', `Which dead letters? \`dlq ${command}\` does not guess.`, {
    hint: 'Give ids of `wonderland dlq list`, or --type, --reason and --order, or --all.',
  });
}

/** `…` stands where a table cut. @throws UserError `unknown-dead-letter` */
export function idOf(typed: string): string {
  const id = typed.trim().replace(/…$/, '').toLowerCase();
  if (DeadLetterId.safeParse(id).success) return id;
  throw new UserError('unknown-dead-letter', `"${typed}" is not the id of a dead letter.`, {
    hint: 'Write an id of `wonderland dlq list`, or at least its first 4 characters.',
    details: { deadLetter: typed },
  });
}

function orderOf(typed: string): string {
  const id = typed.trim().replace(/^…/, '').toLowerCase();
  if (/^[0-9a-f-]{6,36}$/.test(id)) return id;
  throw new UserError('unknown-order', `"${typed}" is not the id of an order.`, {
    hint: 'Write an id of `wonderland orders`, or at least its last 6 characters.',
    details: { order: typed },
  });
}

/** Enough to find a neighbour among. */
const NEIGHBOURS = 500;

/** Asks; when an id is unknown, the error names the nearest one. */
export async function withSuggestion<Answer>(
  client: DeadLetterClient,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'unknown-dead-letter') throw error;
    const typed = error.details['deadLetter'];
    if (typeof typed !== 'string') throw error;
    const { deadLetters } = await client.list({ limit: NEIGHBOURS });
    const match = closest(
      typed,
      deadLetters.map((each) => each.id),
    );
    const hint = match === undefined ? 'See `wonderland dlq list`.' : `Did you mean "${match}"?`;
    throw new UserError(error.code, `There is no dead letter ${typed}.`, {
      hint,
      details: error.details,
    });
  }
}

/** What to say when a type matches nothing: the nearest type that there is. */
export async function nearestType(
  client: DeadLetterClient,
  type: string | undefined,
): Promise<string | undefined> {
  if (type === undefined) return undefined;
  const { deadLetters } = await client.list({ limit: NEIGHBOURS });
  const match = closest(type, new Set(deadLetters.flatMap((each) => each.type ?? [])));
  return match === undefined || match === type ? undefined : `Did you mean "${match}"?`;
}
