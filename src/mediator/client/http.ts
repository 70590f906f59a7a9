/** One HTTP exchange with the mediator: the answer checked by a schema, every failure a Wonderland error. */
import { z } from 'zod';

import type { Clock } from '../../kernel/clock.ts';
import {
  ERROR_CODES,
  messageOf,
  UserError,
  WonderlandError,
  type ErrorCode,
} from '../../kernel/errors.ts';
import { Failover, type Attempt } from './failover.ts';

/** Body of every answer that is not a success. */
const Failure = z.object({
  error: z.object({
    code: z.string().max(64),
    message: z.string().max(2_000),
    hint: z.string().max(2_000).nullish(),
    details: z.record(z.string(), z.unknown()).nullish(),
  }),
});

export interface Exchange<Answer> {
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly answer: z.ZodType<Answer>;
  /** Statuses beside 2xx whose body is an answer too. */
  readonly accept?: readonly number[];
  /** How long an answer is waited for, milliseconds. */
  readonly limitMs?: number;
}

export interface Http {
  /** @throws UserError with the mediator's own code, or `stack-not-running` when nobody answers. */
  exchange<Answer>(exchange: Exchange<Answer>): Promise<Answer>;
  /** The open body of an event stream. @throws as `exchange` does. */
  stream(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>>;
}

export interface HttpOptions {
  readonly baseUrl: string;
  /** Further mediators of the same shop, for when that one does not answer. */
  readonly moreUrls?: readonly string[];
  /** Needed to pass over a mediator that hangs. */
  readonly clock?: Clock;
  /** Gives up everything that is under way. */
  readonly signal: AbortSignal;
  /** A better reason than "nobody answers", where the caller knows one. */
  readonly explain?: () => UserError | undefined;
}

/** Longer than the mediator itself makes a customer wait. */
const LIMIT_MS = 30_000;

export function openHttp(options: HttpOptions): Http {
  const { baseUrl, moreUrls = [], signal, explain, clock } = options;
  const failover = new Failover({ urls: [baseUrl, ...moreUrls], signal, clock });
  const ask = async <Answer>(attempt: Attempt<Answer>): Promise<Answer> => {
    try {
      return await failover.ask(attempt);
    } catch (error) {
      if (signal.aborted || error instanceof WonderlandError) throw error;
      if (isTimeout(error)) throw lateError(error, baseUrl);
      throw explain?.() ?? nobody(error, baseUrl);
    }
  };
  return {
    async exchange({ method = 'GET', path, query = {}, headers, body, answer, ...rest }) {
      const { accept = [], limitMs = LIMIT_MS } = rest;
      const limit = AbortSignal.timeout(Math.ceil(limitMs));
      return ask(async (url, attempt) => {
        const response = await fetch(urlOf(url, path, query), {
          method,
          headers: {
            ...headers,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
          signal: AbortSignal.any([attempt, limit]),
        });
        const document = await readJson(response, url);
        if (!response.ok && !accept.includes(response.status))
          throw refusal(response.status, document);
        const parsed = answer.safeParse(document);
        if (parsed.success) return parsed.data;
        throw foreign(url, `its answer to ${path} has another shape: ${parsed.error.message}`);
      });
    },
    stream(path, until) {
      return ask(async (url, attempt) => {
        const response = await fetch(urlOf(url, path, {}), {
          headers: { accept: 'text/event-stream' },
          signal: AbortSignal.any([attempt, until]),
        });
        if (response.ok && response.body !== null) return response.body;
        throw refusal(response.status, await readJson(response, url));
      });
    },
  };
}

function urlOf(baseUrl: string, path: string, query: Exchange<unknown>['query']): URL {
  const url = new URL(path.replace(/^\//, ''), baseUrl.endsWith('/') ? baseUrl : `${baseUrl}/`);
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

async function readJson(response: Response, baseUrl: string): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw foreign(baseUrl, `it answered ${response.status} without JSON`);
    }
    throw error;
  }
}

function refusal(status: number, document: unknown): UserError {
  const parsed = Failure.safeParse(document);
  if (!parsed.success) return new UserError('part-failed', `The mediator answered ${status}.`);
  const { code, message, hint, details } = parsed.data.error;
  const known = code in ERROR_CODES && code !== 'bug' ? (code as ErrorCode) : 'part-failed';
  return new UserError(known, message, {
    ...(hint == null ? {} : { hint }),
    ...(details == null ? {} : { details }),
  });
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError';
}

function lateError(cause: unknown, baseUrl: string): UserError {
  return new UserError('timeout', `The mediator at ${baseUrl} did not answer in time.`, {
    hint: 'See what it does: `wonderland ps`, `wonderland logs mediator`.',
    cause,
  });
}

function nobody(error: unknown, baseUrl: string): UserError {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return new UserError('stack-not-running', `No mediator answers at ${baseUrl}.`, {
    hint: 'Start the stack with `wonderland up`.',
    details: { url: baseUrl, cause: messageOf(cause) },
    cause: error,
  });
}

function foreign(baseUrl: string, what: string): UserError {
  return new UserError('environment', `${baseUrl} is not a mediator of this version: ${what}`, {
    hint: 'See what listens there with `wonderland doctor`, or set WONDERLAND_URL.',
    details: { url: baseUrl },
  });
}
