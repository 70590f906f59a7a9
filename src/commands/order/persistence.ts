/** Asks the mediator again while it is gone or refuses for now, and says why: for what may be asked twice. */
import { OutcomeUnknownError, UserError, type ErrorCode } from '../../kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import type { Progress } from '../progress.ts';

const PAUSE_MS = 250;
/** The mediator answers at once; what takes longer has been lost on the way. */
const ANSWER_MS = 5_000;

/** The mediator's own words for "not now". */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'overloaded',
  'database-unreachable',
  'broker-unreachable',
]);
/** Nobody said anything. */
const SILENCES: ReadonlySet<ErrorCode> = new Set(['stack-not-running', 'stack-crashed', 'timeout']);

export interface Question<Answer> {
  readonly ask: (limitMs: number) => Promise<Answer>;
  /** A sentence for when nobody ever said anything. */
  readonly lost: string;
  /** How the same can be asked for again. */
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/**
 * @param place `deadline` is on the monotonic clock, milliseconds.
 * @throws UserError with the mediator's code and reason when it refused every time until the deadline;
 * OutcomeUnknownError, with that reason, when an answer was missing among them.
 */
export async function askUntilAnswered<Answer>(
  { context, deadline }: { readonly context: CommandContext; readonly deadline: number },
  question: Question<Answer>,
): Promise<Answer> {
  using reasons = new Reasons(context);
  const failures: UserError[] = [];
  for (;;) {
    const limitMs = Math.max(PAUSE_MS, Math.min(ANSWER_MS, deadline - context.clock.elapsed()));
    try {
      return await question.ask(limitMs);
    } catch (error) {
      if (!(error instanceof UserError) || !error.retryable || context.signal.aborted) throw error;
      remember(failures, error);
      if (context.clock.elapsed() + PAUSE_MS >= deadline) throw endOf(failures, question);
      await reasons.show(error);
    }
    await context.clock.sleep(PAUSE_MS, context.signal);
  }
}

/** The newest of each kind, the newest last: enough to say how it ends. */
function remember(failures: UserError[], error: UserError): void {
  const known = failures.findIndex(({ code }) => code === error.code);
  if (known !== -1) failures.splice(known, 1);
  failures.push(error);
}

function endOf(failures: readonly UserError[], question: Question<unknown>): Error {
  const { hint, details, lost } = question;
  const cause = failures.at(-1);
  if (cause !== undefined && failures.every(({ code }) => REFUSALS.has(code))) {
    const facts = { ...cause.details, ...details };
    return new UserError(cause.code, cause.message, { hint, details: facts, cause });
  }
  const said = failures.findLast(({ code }) => !SILENCES.has(code));
  const message =
    said === undefined ? lost : `It may have happened or not. The mediator said: ${said.message}`;
  return new OutcomeUnknownError(message, { hint, details, cause });
}

/** Each reason for waiting once, on stderr. */
class Reasons implements Disposable {
  readonly #context: CommandContext;
  readonly #shown = new Set<string>();
  #progress: Progress | undefined;

  constructor(context: CommandContext) {
    this.#context = context;
  }

  async show({ code, message }: UserError): Promise<void> {
    // Counts within a reason make no new one.
    const reason = `${code} ${message.replaceAll(/\d+/g, '0')}`;
    if (this.#shown.has(reason)) return;
    this.#shown.add(reason);
    this.#progress ??= await this.#context.output.progress();
    this.#progress.step('warning', `${message.replace(/\.$/, '')}; asking again`);
    this.#progress.update('asking the mediator again');
  }

  [Symbol.dispose](): void {
    this.#progress?.stop();
  }
}
