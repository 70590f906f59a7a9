/** What parts may ask the mediator about its sagas: what was logged, which are closed, and whether their logs are right. */
import { z } from 'zod';

import { LogRecord } from './logs.ts';
import { defineMessage } from './message.ts';
import { OrderId } from './primitives.ts';

const owner = 'mediator';

/** Where a reader of the saga log stands: transaction, saga and entry, in the log's own order. */
export const LogPosition = z.string().regex(/^\d{1,20}:[0-9a-f-]{36}:\d{1,9}$/);

/** Entries in one answer at most. */
export const MAX_LOG_PAGE = 500;

export const readLog = defineMessage({
  name: 'mediator.read-log',
  version: 1,
  kind: 'query',
  owner,
  about:
    'What the saga log has after a position, or from its beginning; answered as soon as there is something, or after the wait.',
  body: z.strictObject({
    after: LogPosition.nullable(),
    waitMs: z.int().min(0).max(10_000),
  }),
});

export const logRead = defineMessage({
  name: 'mediator.log-read',
  version: 1,
  kind: 'reply',
  owner,
  about: 'Entries of the saga log as log records, and the position to ask from next.',
  body: z.strictObject({
    records: z.array(LogRecord).max(MAX_LOG_PAGE),
    /** Null while nothing was ever read. */
    next: LogPosition.nullable(),
    /** There is more already. */
    more: z.boolean(),
  }),
});

/** Sagas in one question at most. */
export const MAX_ASKED_SAGAS = 500;

export const askClosed = defineMessage({
  name: 'mediator.ask-closed',
  version: 1,
  kind: 'query',
  owner,
  about:
    'Which of these sagas are closed, and have been for this long: their answers may be forgotten.',
  body: z.strictObject({
    sagaIds: z.array(OrderId).min(1).max(MAX_ASKED_SAGAS),
    /** Milliseconds. */
    forMs: z.int().min(0).max(31_536_000_000),
  }),
});

export const closedTold = defineMessage({
  name: 'mediator.closed-told',
  version: 1,
  kind: 'reply',
  owner,
  about: 'Those of the sagas asked for that are closed; what is unknown or open is left out.',
  body: z.strictObject({ closed: z.array(OrderId).max(MAX_ASKED_SAGAS) }),
});

/** Orders in one question at most. */
export const MAX_AUDITED_ORDERS = 1_000;
/** Characters that tell where a log and a new decision part. */
export const MAX_DIFFERENCE_LENGTH = 400;

export const SagaAudit = z.strictObject({
  orderId: OrderId,
  /** Entries of its saga log. */
  logEntries: z.int().min(0),
  /** The first place where the log, decided once more, leads elsewhere, for people; absent: nowhere. */
  difference: z.string().max(MAX_DIFFERENCE_LENGTH).optional(),
});
export type SagaAudit = z.infer<typeof SagaAudit>;

export const audit = defineMessage({
  name: 'mediator.audit',
  version: 1,
  kind: 'query',
  owner,
  about: 'Decide the logs of these orders once more: does each lead to what the database has?',
  body: z.strictObject({ orderIds: z.array(OrderId).min(1).max(MAX_AUDITED_ORDERS) }),
});

export const audited = defineMessage({
  name: 'mediator.audited',
  version: 1,
  kind: 'reply',
  owner,
  about: 'What became of deciding each log once more; orders that are unknown here are left out.',
  body: z.strictObject({ orders: z.array(SagaAudit).max(MAX_AUDITED_ORDERS) }),
});
