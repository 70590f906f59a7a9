/** Lists dead letters, the newest death first. */
import type { DeadLetterView } from '../../contracts/dead-letters.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import { filterOf, nearestType, type FilterOptions } from './input.ts';
import { renderDeadLetters } from './rows.ts';

export interface DlqListOptions extends FilterOptions {
  readonly limit: number;
  readonly retried?: boolean | undefined;
}

export async function runDlqList(options: DlqListOptions, context: CommandContext): Promise<void> {
  const { output } = context;
  const filter = filterOf(options);
  const state = options.retried === true ? 'retried' : 'dead';
  const { deadLetters: client } = await connectToMediator(context);
  const { deadLetters, total } = await client.list({ ...filter, state, limit: options.limit });
  const suggestion = total === 0 ? await nearestType(client, filter.type) : undefined;
  const nothing = emptyText(state, Object.keys(filter).length > 0);
  output.result({ deadLetters, total }, () =>
    total === 0 ? nothing : renderDeadLetters(deadLetters, output),
  );
  if (suggestion !== undefined) output.hint(suggestion);
  const [first] = deadLetters;
  if (first === undefined) return;
  if (total > deadLetters.length) {
    output.hint(
      `${deadLetters.length} of ${total}. More: wonderland dlq list -n ${nextLimit(total)}`,
    );
  }
  output.hint(`Look: wonderland dlq show ${first.id}`);
}

function emptyText(state: DeadLetterView['state'], isFiltered: boolean): string {
  if (isFiltered) return 'No dead letter is like that.';
  return state === 'dead'
    ? 'No dead letters: every message found its way.'
    : 'None was sent again.';
}

function nextLimit(total: number): number {
  return Math.min(1_000, total);
}
