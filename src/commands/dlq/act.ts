/** Sends dead letters again, or drops them: says which, and what became of each. */
import type { DeadLetterOutcome, DeadLetterView } from '../../contracts/dead-letters.ts';
import { UserError } from '../../kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import type { DeadLetterClient } from './client.ts';
import { nearestType, selectionOf, withSuggestion, type SelectOptions } from './input.ts';
import { counted, renderDeadLetters } from './rows.ts';

export interface DlqRetryOptions extends SelectOptions {
  readonly dryRun?: boolean | undefined;
}

export interface DlqDropOptions extends DlqRetryOptions {
  readonly yes?: boolean | undefined;
}

/** @throws UserError `unknown-dead-letter`, `input-missing`, `part-failed` when some could not be sent */
export async function runDlqRetry(
  options: DlqRetryOptions,
  context: CommandContext,
): Promise<void> {
  const selection = selectionOf(options, 'retry');
  const { dryRun = false } = options;
  const { deadLetters: client } = await connectToMediator(context);
  const outcome = await withSuggestion(client, () => client.retry({ ...selection, dryRun }));
  refuseFailures(outcome, 'could not be sent again');
  await report(
    outcome,
    { did: 'Sent again', would: 'Would be sent again' },
    { options, client, context },
  );
  if (!dryRun && outcome.done.length > 0) afterRetry(outcome.done, context);
}

/** @throws UserError `unknown-dead-letter`, `input-missing`, `interrupted` on "no" */
export async function runDlqDrop(options: DlqDropOptions, context: CommandContext): Promise<void> {
  const selection = selectionOf(options, 'drop');
  const { dryRun = false, yes = false } = options;
  const { deadLetters: client } = await connectToMediator(context);
  const plan = await withSuggestion(client, () => client.drop({ ...selection, dryRun: true }));
  const isIdle = dryRun || plan.done.length === 0;
  if (!isIdle && !yes) await ask(plan.done, context);
  const outcome = isIdle ? { ...plan, dryRun } : await dropThese(client, plan);
  refuseFailures(outcome, 'could not be dropped');
  await report(
    outcome,
    { did: 'Dropped', would: 'Would be dropped' },
    { options, client, context },
  );
}

/** Those that were shown, and no others that came meanwhile. */
async function dropThese(
  client: DeadLetterClient,
  plan: DeadLetterOutcome,
): Promise<DeadLetterOutcome> {
  const outcome = await client.drop({ ids: plan.done.map((each) => each.id) });
  return { ...outcome, left: plan.left };
}

interface ReportPlace {
  readonly options: SelectOptions;
  readonly client: DeadLetterClient;
  readonly context: CommandContext;
}

async function report(
  outcome: DeadLetterOutcome,
  words: { readonly did: string; readonly would: string },
  { options, client, context: { output } }: ReportPlace,
): Promise<void> {
  const { dryRun, done, left } = outcome;
  const suggestion = done.length === 0 ? await nearestType(client, options.type) : undefined;
  output.result({ ...outcome }, () => {
    if (done.length === 0) return 'No dead letter is like that: nothing to do.';
    const title = dryRun ? words.would : `✔ ${words.did}`;
    return [`${title}: ${counted(done.length)}`, renderDeadLetters(done, output)].join('\n');
  });
  if (suggestion !== undefined) output.hint(suggestion);
  if (left > 0) output.hint(`${counted(left)} more: the same command takes the next.`);
  if (dryRun && done.length > 0) output.hint('To do it: the same command without --dry-run.');
}

function afterRetry(done: readonly DeadLetterView[], { output }: CommandContext): void {
  const [first, ...others] = new Set(done.flatMap((each) => each.orderId ?? []));
  output.hint(
    first !== undefined && others.length === 0
      ? `See what became of the order: wonderland order show ${first}`
      : 'What dies again is here: wonderland dlq list',
  );
}

/** What one request could not do, and what it left. @throws UserError `part-failed` */
export function refuseFailures({ done, failed, ...rest }: DeadLetterOutcome, what: string): void {
  const [first] = failed;
  if (first === undefined) return;
  const total = counted(failed.length + done.length);
  const look = `See: wonderland dlq show ${first.id}`;
  throw new UserError(
    'part-failed',
    `${failed.length} of ${total} ${what}: ${first.id}: ${first.problem}.`,
    {
      hint:
        rest.left === 0
          ? look
          : `${counted(rest.left)} more: not tried; give the same command again. ${look}`,
      details: { done: done.map((each) => each.id), failed, ...rest },
    },
  );
}

async function ask(doomed: readonly DeadLetterView[], context: CommandContext): Promise<void> {
  const { terminal, output, signal } = context;
  if (!terminal.canAsk || output.json) {
    throw new UserError(
      'input-missing',
      `Nobody can be asked here whether to drop ${counted(doomed.length)}`,
      {
        hint: 'Say so with --yes, or look first with --dry-run.',
        details: { deadLetters: doomed.map((each) => each.id) },
      },
    );
  }
  output.note(
    `This removes ${counted(doomed.length)} for good:\n${renderDeadLetters(doomed, output)}`,
  );
  const { default: inquirer } = await import('inquirer');
  const { sure } = await inquirer.prompt<{ sure: boolean }>(
    [{ type: 'confirm', name: 'sure', message: 'Drop them?', default: false }],
    { signal } as never,
  );
  if (!sure) throw new UserError('interrupted', 'Nothing was dropped.');
}
