/** Errors over HTTP: the code of the table, the status that fits it, never a value that was sent. */
import { z } from 'zod';

import { BugError, ERROR_CODES, WonderlandError, type ErrorCode } from '../kernel/errors.ts';
import { databaseTrouble } from '../storage/database-trouble.ts';

const STATUS: Partial<Record<ErrorCode, number>> = {
  'invalid-request': 400,
  'unknown-order': 404,
  'unknown-book': 404,
  'unknown-customer': 404,
  'unknown-dead-letter': 404,
  'idempotency-conflict': 409,
  'not-cancellable': 409,
  overloaded: 503,
  'database-unreachable': 503,
  'broker-unreachable': 503,
  'outcome-unknown': 503,
  'part-failed': 503,
};

export const ErrorBody = z.object({
  error: z.object({
    code: z.enum(Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]]),
    message: z.string(),
    hint: z.string().optional(),
    retryable: z.boolean(),
    details: z.record(z.string(), z.unknown()),
  }),
});
export type ErrorBody = z.infer<typeof ErrorBody>;

export interface HttpProblem {
  readonly status: number;
  readonly body: ErrorBody;
}

/** @param again how the caller can ask for the same again, for failures that nobody foresaw. */
export function problemOf(error: unknown, again: string): HttpProblem {
  const known = asKnown(error, again);
  const { code, message, hint, retryable, details } = known;
  return {
    status: STATUS[code] ?? 500,
    body: { error: { code, message, ...(hint !== undefined && { hint }), retryable, details } },
  };
}

interface ValidationProblem {
  readonly instancePath?: string;
  readonly message?: string;
}

/** What helps against a database that is away: only a new order has a key. */
export function askAgain(method: string, url: string): string {
  return method === 'POST' && url === '/orders'
    ? 'Send the same request with the same Idempotency-Key again.'
    : 'Ask again in a moment. See what is wrong: wonderland doctor';
}

function asKnown(error: unknown, again: string): WonderlandError {
  if (error instanceof WonderlandError) return error;
  const { statusCode, validation, message } = (error ?? {}) as {
    statusCode?: number;
    validation?: readonly ValidationProblem[];
    message?: string;
  };
  if (validation !== undefined) {
    const problems = validation.map(problemText);
    return new HttpError('invalid-request', `The request is not valid: ${problems.join('; ')}`, {
      hint: 'GET /openapi.json describes every request.',
      details: { problems },
    });
  }
  if (statusCode !== undefined && statusCode < 500) {
    return new HttpError('invalid-request', message ?? 'The request is not valid');
  }
  const trouble = databaseTrouble(error);
  if (trouble !== undefined) {
    return new HttpError('database-unreachable', `It cannot be done now: ${trouble}`, {
      hint: again,
    });
  }
  return new BugError('Something went wrong in the mediator', { cause: error });
}

/** `/lines/0/quantity` and zod's words, as a person would say it: `lines.0.quantity: expected …`. */
function problemText({ instancePath = '', message = '' }: ValidationProblem): string {
  const where = instancePath.split('/').filter(Boolean).join('.');
  const what = message.replace(/^Invalid input: /, '');
  return where === '' ? what : `${where}: ${what}`;
}

/** An error that is only ever shown over HTTP. */
class HttpError extends WonderlandError {}
