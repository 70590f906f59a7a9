/** What every part tells the logging service: records, in batches, on the exchange of their level; and what it can be asked. */
import { z } from 'zod';

import { LOG_LEVELS } from '../kernel/logger.ts';
import { defineMessage } from './message.ts';
import { Instant, OrderId } from './primitives.ts';

/** One handled message inside a record, for the waterfall of `wonderland trace`. */
export const Span = z.strictObject({
  /** Contract name of the message that was handled, e.g. `payment.charge`. */
  message: z.string().max(100),
  messageId: z.string().max(200),
  /** Contract name of the answer, when there was one. */
  reply: z.string().max(100).optional(),
  startedAt: Instant,
  durationMs: z.number().min(0).max(86_400_000),
  attempt: z.int().min(1).max(1_000_000),
  redelivered: z.boolean(),
});
export type Span = z.infer<typeof Span>;

export const LogRecord = z.strictObject({
  /** `<instance>-<sequence>`: the store ignores a record that it has. */
  id: z.string().min(1).max(100),
  at: Instant,
  level: z.enum(LOG_LEVELS),
  service: z.string().min(1).max(64),
  instance: z.string().min(1).max(64),
  message: z.string().max(2_000),
  orderId: OrderId.optional(),
  traceId: z
    .string()
    .regex(/^[0-9a-f]{32}$/)
    .optional(),
  span: Span.optional(),
  /** Other facts; at most 20, each at most 2,000 characters as JSON. */
  fields: z.record(z.string().max(64), z.unknown()).optional(),
});
export type LogRecord = z.infer<typeof LogRecord>;

/** Records in one message at most. */
export const MAX_RECORDS = 200;

export const records = defineMessage({
  name: 'log.records',
  version: 1,
  kind: 'event',
  owner: 'logging',
  about: 'What a part has to say, at one level; published to the direct exchange under that level.',
  body: z.strictObject({ records: z.array(LogRecord).min(1).max(MAX_RECORDS) }),
});

/** Orders in one question at most. */
export const MAX_COUNTED_ORDERS = 1_000;

export const audit = defineMessage({
  name: 'log.audit',
  version: 1,
  kind: 'query',
  owner: 'logging',
  about: 'How much of the saga log of these orders has come to the log store?',
  body: z.strictObject({ orderIds: z.array(OrderId).min(1).max(MAX_COUNTED_ORDERS) }),
});

export const audited = defineMessage({
  name: 'log.audited',
  version: 1,
  kind: 'reply',
  owner: 'logging',
  about: 'Entries of the saga log that the store has, for each order that was asked for.',
  body: z.strictObject({
    orders: z
      .array(z.strictObject({ orderId: OrderId, entries: z.int().min(0) }))
      .max(MAX_COUNTED_ORDERS),
  }),
});
