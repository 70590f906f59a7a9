/** Dead letters as people and programs see them over HTTP: why a message was given up, and what it was. */
import { z } from 'zod';

import { Instant } from './primitives.ts';
import { MAX_LABEL_LENGTH } from './run-label.ts';

/**
 * Why a message is a dead letter. The first five were not understood, `given-up` is a part's own word for a
 * message that it can never carry out, `no-reply-queue` a command whose answer no queue takes; the others are
 * the broker's: `delivery-limit` means that parts crashed over it again and again.
 */
export const DEAD_LETTER_REASONS = [
  'unparsable',
  'too-large',
  'unknown-type',
  'unknown-version',
  'invalid-body',
  'given-up',
  'no-reply-queue',
  'delivery-limit',
  'rejected',
  'expired',
  'other',
] as const;
export const DeadLetterReason = z.enum(DEAD_LETTER_REASONS);
export type DeadLetterReason = z.infer<typeof DeadLetterReason>;

/** `dead`: waits for somebody. `retried`: was sent again, and has not come back. */
export const DEAD_LETTER_STATES = ['dead', 'retried'] as const;
const DeadLetterState = z.enum(DEAD_LETTER_STATES);

/** Most dead letters that one request lists, sends again or drops. */
export const MAX_DEAD_LETTERS = 1_000;
/** Bytes of a body that are shown. */
export const MAX_SHOWN_BYTES = 65_536;

/** Whole, or a beginning that only one dead letter has. */
export const DeadLetterId = z
  .string()
  .regex(/^[0-9a-f]{4,16}$/, 'must be 4 to 16 characters of an id, 0-9 and a-f');

/** Text of the wire: a short string of AMQP has at most 255 bytes. */
const WireText = z.string().max(255);

export const DeadLetterView = z.strictObject({
  /** Names the message in its queue: every copy of it, and every later death, is the same dead letter. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  state: DeadLetterState,
  reason: DeadLetterReason,
  /** What exactly was wrong, for people. */
  detail: z.string().max(500),
  /** The part that gave it up; absent when the broker did. */
  service: WireText.optional(),
  /** Where it died, and where a retry sends it; empty when nobody knows. */
  queue: WireText,
  type: WireText.optional(),
  messageId: WireText.optional(),
  orderId: WireText.optional(),
  traceId: WireText.optional(),
  /** The scenario run and order that its header names, whatever the rest of it is. */
  run: WireText.optional(),
  sizeBytes: z.int().min(0),
  /** How often it died. */
  times: z.int().min(1),
  firstAt: Instant,
  lastAt: Instant,
  /** How often it was sent again. */
  retries: z.int().min(0),
  retriedAt: Instant.optional(),
});
export type DeadLetterView = z.infer<typeof DeadLetterView>;

export const DeadLetterDetail = DeadLetterView.extend({
  exchange: WireText,
  routingKey: WireText,
  /** AMQP properties and headers as they came, where they are readable as JSON. */
  properties: z.record(z.string(), z.unknown()),
  body: z.strictObject({
    encoding: z.enum(['text', 'base64']),
    /** At most the first 64 KiB of it. */
    content: z.string(),
    /** False when it was too large to be kept: then it can be looked at, but not sent again. */
    isKept: z.boolean(),
  }),
});
export type DeadLetterDetail = z.infer<typeof DeadLetterDetail>;

export const DeadLetterFilter = z.strictObject({
  type: WireText.min(1).optional(),
  reason: DeadLetterReason.optional(),
  /** An order's id, or 6 or more characters of its beginning or end. */
  order: z
    .string()
    .regex(/^[0-9a-f-]{6,36}$/, 'must be 6 or more characters of an id')
    .optional(),
  /** Of this scenario run, whichever of its orders. */
  run: z.string().min(1).max(MAX_LABEL_LENGTH).optional(),
});

/** Which dead letters: by id, by what they have in common, or all that are dead. Never none by accident. */
export const DeadLetterSelection = DeadLetterFilter.extend({
  ids: z.array(DeadLetterId).min(1).max(MAX_DEAD_LETTERS).optional(),
  all: z.literal(true).optional(),
  /** Answer which they are, and do nothing. */
  dryRun: z.boolean().default(false),
}).refine(
  ({ ids, type, reason, order, run, all }) => [ids, type, reason, order, run, all].some(Boolean),
  'say which: ids, type, reason, order, run or all',
);
export type DeadLetterSelection = z.input<typeof DeadLetterSelection>;

export const DeadLetterList = z.strictObject({
  deadLetters: z.array(DeadLetterView).max(MAX_DEAD_LETTERS),
  /** How many there are, listed or not. */
  total: z.int().min(0),
});
export type DeadLetterList = z.infer<typeof DeadLetterList>;

/** What became of a selection. Oldest first; more than fits one request is left for the next. */
export const DeadLetterOutcome = z.strictObject({
  dryRun: z.boolean(),
  /** Sent again or dropped; with `dryRun` what would be. */
  done: z.array(DeadLetterView).max(MAX_DEAD_LETTERS),
  failed: z
    .array(z.strictObject({ id: z.string().max(16), problem: z.string().max(500) }))
    .max(MAX_DEAD_LETTERS),
  /** Selected, but not tried: beyond what one request does, or the broker went away. */
  left: z.int().min(0),
});
export type DeadLetterOutcome = z.infer<typeof DeadLetterOutcome>;
