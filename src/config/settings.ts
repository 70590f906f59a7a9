/** The environment of a part, read once, checked by a schema and frozen. The only reader of `process.env`. */
import path from 'node:path';

import { z } from 'zod';

import { tryParseDuration } from '../kernel/durations.ts';
import { UserError } from '../kernel/errors.ts';
import { LOG_LEVELS } from '../kernel/logger.ts';

const url = (protocols: readonly string[]) =>
  z.string().refine(
    (text) => {
      return URL.canParse(text) && protocols.includes(new URL(text).protocol);
    },
    `must be a URL that begins with ${protocols.map((each) => `${each}//`).join(' or ')}`,
  );

const duration = z.string().transform((text, context) => {
  const ms = tryParseDuration(text);
  if (ms !== undefined) return ms;
  context.addIssue('must be a duration: 250ms, 5s, 1.5m, 2h or 1d');
  return z.NEVER;
});

const flag = z.enum(['0', '1']).transform((text) => text === '1');

/** A directory is named so, so nothing in it may lead elsewhere. */
export const StackName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,30}$/, 'lower-case letters, digits and dashes, at most 31');

/** Variables that a part understands, by the names users type. */
const Environment = z.object({
  WONDERLAND_AMQP_URL: url(['amqp:', 'amqps:']).optional(),
  WONDERLAND_DATABASE_URL: url(['postgres:', 'postgresql:']).optional(),
  /** Where inventory and payment keep their data when there is more than one of them; else in files. */
  WONDERLAND_INVENTORY_URL: url(['postgres:', 'postgresql:']).optional(),
  WONDERLAND_PAYMENT_URL: url(['postgres:', 'postgresql:']).optional(),
  WONDERLAND_SMTP_URL: url(['smtp:', 'smtps:']).optional(),
  /** Put before the names of exchanges, queues and schemas, so that several stacks can share servers. */
  WONDERLAND_NAMESPACE: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,30}$/, 'lower-case letters, digits and underscores, at most 31')
    .optional(),
  WONDERLAND_STATE_DIR: z.string().min(1).optional(),
  WONDERLAND_DATA_DIR: z.string().min(1).optional(),
  WONDERLAND_STACK: StackName.optional(),
  WONDERLAND_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).optional(),
  WONDERLAND_URL: url(['http:', 'https:']).optional(),
  /** Further mediators of the same shop, comma-separated, for when that one does not answer. */
  WONDERLAND_MORE_URLS: z
    .string()
    .transform((text) => text.split(',').map((each) => each.trim()))
    .pipe(z.array(url(['http:', 'https:'])).max(16))
    .optional(),
  /** Which instance of its service a part is: `mediator-2`. */
  WONDERLAND_PART: z
    .string()
    .regex(/^[a-z]+(-\d{1,2})?$/, 'a service, and a number after it: mediator-2')
    .optional(),
  WONDERLAND_LOG_LEVEL: z.enum(LOG_LEVELS).optional(),
  /** How long a confirmed order rests before it is shipped; until then it can be cancelled. */
  WONDERLAND_SHIP_AFTER: duration.optional(),
  /** How long a participant keeps its answers after the order was closed, for copies that come late. */
  WONDERLAND_INBOX_KEEP: duration.optional(),
  /** Orders on their way at most; more are told to come again. */
  WONDERLAND_MAX_ORDERS: z.coerce.number().int().min(1).max(100_000).optional(),
  /** Faults can be armed only where this is 1: stacks started for development. */
  WONDERLAND_FAULTS: flag.optional(),
});

/** Everything a part or a command may know of its surroundings. */
export interface Settings {
  readonly amqpUrl: string | undefined;
  readonly databaseUrl: string | undefined;
  /** PostgreSQL of the inventory; absent when it keeps its data in a file. */
  readonly inventoryUrl: string | undefined;
  /** PostgreSQL of payment; absent when it keeps its data in a file. */
  readonly paymentUrl: string | undefined;
  readonly smtpUrl: string | undefined;
  /** Empty, or a name of lower-case letters, digits and underscores. */
  readonly namespace: string;
  /** Where stacks live: `<stateDir>/stacks/<name>/`. Absolute. */
  readonly stateDir: string;
  /** Where this part keeps its SQLite files and mails; absent outside a stack. Absolute. */
  readonly dataDir: string | undefined;
  readonly stack: string;
  readonly httpPort: number;
  /** Where the mediator answers, when it is not the stack's own. */
  readonly mediatorUrl: string | undefined;
  /** Where its other mediators answer. */
  readonly moreMediatorUrls: readonly string[];
  /** This part among others of its service; absent outside a stack. */
  readonly part: string | undefined;
  readonly logLevel: (typeof LOG_LEVELS)[number];
  readonly faultsAllowed: boolean;
  /** How long answers to messages of closed orders are kept, milliseconds. */
  readonly inboxKeepMs: number;
  /** How long a confirmed order rests before it is shipped, milliseconds. */
  readonly shipAfterMs: number;
  /** Orders on their way at most, from their acceptance until they are confirmed, rejected or cancelled. */
  readonly maxOrdersOnTheirWay: number;
}

export const DEFAULT_HTTP_PORT = 4242;
/** Time enough to think again, short enough to be seen. */
const DEFAULT_SHIP_AFTER_MS = 60_000;
/** Two seconds of work for a machine with two cores: bursts fit, and nobody behind them waits until a timeout. */
const DEFAULT_MAX_ORDERS = 1_000;
/** Longer than any queue is left alone. */
const DEFAULT_INBOX_KEEP_MS = 86_400_000;

/**
 * Reads the settings from an environment.
 * @throws UserError `invalid-config` naming the variable and what it must be.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  directory: string = process.cwd(),
): Settings {
  const present = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = Environment.safeParse(present);
  if (!parsed.success) throw invalid(parsed.error);
  const env = parsed.data;
  return Object.freeze({
    amqpUrl: env.WONDERLAND_AMQP_URL,
    databaseUrl: env.WONDERLAND_DATABASE_URL,
    inventoryUrl: env.WONDERLAND_INVENTORY_URL,
    paymentUrl: env.WONDERLAND_PAYMENT_URL,
    smtpUrl: env.WONDERLAND_SMTP_URL,
    namespace: env.WONDERLAND_NAMESPACE ?? '',
    stateDir: path.resolve(directory, env.WONDERLAND_STATE_DIR ?? '.wonderland'),
    dataDir:
      env.WONDERLAND_DATA_DIR === undefined
        ? undefined
        : path.resolve(directory, env.WONDERLAND_DATA_DIR),
    stack: env.WONDERLAND_STACK ?? 'default',
    httpPort: env.WONDERLAND_HTTP_PORT ?? DEFAULT_HTTP_PORT,
    mediatorUrl: env.WONDERLAND_URL,
    moreMediatorUrls: env.WONDERLAND_MORE_URLS ?? [],
    part: env.WONDERLAND_PART,
    logLevel: env.WONDERLAND_LOG_LEVEL ?? 'debug',
    faultsAllowed: env.WONDERLAND_FAULTS ?? false,
    inboxKeepMs: env.WONDERLAND_INBOX_KEEP ?? DEFAULT_INBOX_KEEP_MS,
    shipAfterMs: env.WONDERLAND_SHIP_AFTER ?? DEFAULT_SHIP_AFTER_MS,
    maxOrdersOnTheirWay: env.WONDERLAND_MAX_ORDERS ?? DEFAULT_MAX_ORDERS,
  });
}

function invalid(error: z.ZodError): UserError {
  const problems = error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return new UserError('invalid-config', `The environment is not valid: ${problems.join('; ')}`, {
    hint: 'Correct or unset the variable; `wonderland env` prints the settings of a running stack.',
    details: { problems },
  });
}

/**
 * The setting, or a clear error naming the variable that gives it.
 * @throws UserError `invalid-config`
 */
export function required<T>(value: T | undefined, variable: string): T {
  if (value !== undefined) return value;
  throw new UserError('invalid-config', `${variable} is not set`, {
    hint: 'Start a stack with `wonderland up`, or point the variable at a server that exists.',
  });
}
