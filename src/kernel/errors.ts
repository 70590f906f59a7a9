/** Every failure the product can report, in one table, and the four families that say who acts next. */

interface ErrorEntry {
  /** Exit code of a command that ends with this error (docs/errors.md, `wonderland help exit-codes`). */
  readonly exit: number;
  readonly meaning: string;
  /** Does the same call have a chance later, without anything being changed? */
  readonly retryable: boolean;
}

/** One closed table: a new failure gets a code here, not a class. */
export const ERROR_CODES = {
  bug: { exit: 1, meaning: 'a defect of Wonderland itself', retryable: false },
  usage: {
    exit: 2,
    meaning: 'the command line asks for something that does not exist',
    retryable: false,
  },
  'input-missing': {
    exit: 2,
    meaning: 'a value is missing and there is no terminal to ask on',
    retryable: false,
  },
  'unknown-book': { exit: 2, meaning: 'no such book in the catalogue', retryable: false },
  'unknown-customer': { exit: 2, meaning: 'no such customer', retryable: false },
  'unknown-order': { exit: 2, meaning: 'no such order', retryable: false },
  'unknown-dead-letter': { exit: 2, meaning: 'no such dead letter', retryable: false },
  'unknown-scenario': { exit: 2, meaning: 'no such scenario', retryable: false },
  'invalid-request': {
    exit: 2,
    meaning: 'the mediator refused the request as malformed',
    retryable: false,
  },
  'idempotency-conflict': {
    exit: 2,
    meaning: 'the idempotency key was used with another body',
    retryable: false,
  },
  'not-cancellable': {
    exit: 2,
    meaning: 'the order was shipped or rejected already',
    retryable: false,
  },
  'stack-not-running': { exit: 3, meaning: 'no stack of this name is running', retryable: true },
  'stack-crashed': { exit: 3, meaning: 'the stack died without being stopped', retryable: true },
  'port-taken': {
    exit: 4,
    meaning: 'a port that the stack needs is held by another program',
    retryable: true,
  },
  environment: {
    exit: 4,
    meaning: 'something the machine must provide is missing',
    retryable: true,
  },
  permission: { exit: 4, meaning: 'the user may not do this here', retryable: false },
  'broker-unreachable': { exit: 4, meaning: 'the AMQP broker does not answer', retryable: true },
  'database-unreachable': { exit: 4, meaning: 'the database does not answer', retryable: true },
  'not-steady': {
    exit: 4,
    meaning: 'the stack was not healthy before the scenario began',
    retryable: true,
  },
  timeout: { exit: 5, meaning: 'it did not happen in the time allowed', retryable: true },
  'not-ready': { exit: 5, meaning: 'a part did not become ready in time', retryable: true },
  'part-failed': { exit: 6, meaning: 'a part of the stack ended or failed', retryable: true },
  'given-up': {
    exit: 6,
    meaning: 'a part can never carry out the message; it is kept among the dead letters',
    retryable: false,
  },
  'no-reply-queue': {
    exit: 6,
    meaning: 'no queue takes the answer; the command is kept among the dead letters',
    retryable: false,
  },
  overloaded: { exit: 6, meaning: 'the mediator takes no orders at the moment', retryable: true },
  'invalid-config': {
    exit: 7,
    meaning: 'the configuration does not hold together',
    retryable: false,
  },
  'invalid-scenario': { exit: 7, meaning: 'the scenario file has errors', retryable: false },
  'invalid-recording': {
    exit: 7,
    meaning: 'the file is no recording of a run, or of another version',
    retryable: false,
  },
  'state-version': {
    exit: 7,
    meaning: 'the state directory was written by another version',
    retryable: false,
  },
  'expectation-broken': {
    exit: 10,
    meaning: 'an expectation or invariant did not hold',
    retryable: false,
  },
  'order-rejected': {
    exit: 11,
    meaning: 'the order was rejected (with --fail-on-reject)',
    retryable: false,
  },
  inconclusive: {
    exit: 12,
    meaning: 'a fault never fired or a check had no samples',
    retryable: false,
  },
  interrupted: { exit: 130, meaning: 'stopped by Ctrl-C', retryable: true },
  'outcome-unknown': {
    exit: 6,
    meaning: 'it may have happened; ask again under the same id',
    retryable: true,
  },
} as const satisfies Record<string, ErrorEntry>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorOptions {
  /** What the reader should do next, as one sentence or command. */
  readonly hint?: string;
  /** Machine-readable facts; never secrets, never card numbers. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** Base of the four families; carries the code, the hint and the facts. */
export abstract class WonderlandError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }

  get exit(): number {
    return ERROR_CODES[this.code].exit;
  }

  get retryable(): boolean {
    return ERROR_CODES[this.code].retryable;
  }
}

/** A person acts next: bad input, a missing program, a stopped stack. */
export class UserError extends WonderlandError {}

/** It surely did not happen: the caller may compensate. */
export class RejectedError extends WonderlandError {}

/** It may have happened: ask again under the same id, never guess. */
export class OutcomeUnknownError extends WonderlandError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('outcome-unknown', message, options);
  }
}

/** We act next: an assumption of ours does not hold. */
export class BugError extends WonderlandError {
  constructor(message: string, options: ErrorOptions = {}) {
    super('bug', message, options);
  }
}

/** The message of anything thrown, for lines that quote a cause. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message : String(error);
}

/** Compile-time proof that a switch is exhaustive, and a loud failure if data disagrees. */
export function unreachable(value: never, what: string): never {
  throw new BugError(`${what} was not expected: ${JSON.stringify(value)}`);
}
