/** Asks the mediator again while it is gone or busy: for what may be asked twice. */
import { UserError } from '../../kernel/errors.ts';
import type { CommandContext } from '../context.ts';

const PAUSE_MS = 250;
/** The mediator answers at once; what takes longer has been lost on the way. */
const ANSWER_MS = 5_000;

export interface Question<Answer> {
  readonly ask: (limitMs: number) => Promise<Answer>;
  /** What to throw when the deadline has come; the last failure is given. */
  readonly endOf: (error: UserError) => Error;
}

/** @param place `deadline` is on the monotonic clock, milliseconds. */
export async function askUntilAnswered<Answer>(
  { context, deadline }: { readonly context: CommandContext; readonly deadline: number },
  { ask, endOf }: Question<Answer>,
): Promise<Answer> {
  for (;;) {
    const limitMs = Math.max(PAUSE_MS, Math.min(ANSWER_MS, deadline - context.clock.elapsed()));
    try {
      return await ask(limitMs);
    } catch (error) {
      if (!(error instanceof UserError) || !error.retryable || context.signal.aborted) throw error;
      if (context.clock.elapsed() + PAUSE_MS >= deadline) throw endOf(error);
    }
    await context.clock.sleep(PAUSE_MS, context.signal);
  }
}
