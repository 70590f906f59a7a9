/** Makes log records out of whatever a part says: bounded, and never a reason to fail. */
import { LogRecord, MAX_RECORDS, type Span } from '../contracts/logs.ts';
import type { LogFields } from '../kernel/logger.ts';

const MAX_MESSAGE = 2_000;
/** Of the facts beside the sentence, as JSON. */
const MAX_FIELDS = 4_000;
/** Characters of one message; in the worst case six bytes each, which still is less than any part refuses. */
const MAX_BATCH = 150_000;
/** Characters of a record besides its sentence and its facts, about. */
const FRAME = 400;

/** A record and how many characters it has as JSON, about. */
export interface SizedRecord {
  readonly record: LogRecord;
  readonly size: number;
}

type Origin = Pick<LogRecord, 'id' | 'at' | 'level' | 'service' | 'instance'>;

/** Ids and spans are not checked here: most are right, and `fitting` mends what is not. */
export function sizedRecord(origin: Origin, message: string, fields: LogFields): SizedRecord {
  const { orderId, traceId, span, ...rest } = fields;
  const sentence = message.slice(0, MAX_MESSAGE);
  const facts = bounded(rest);
  const record = {
    ...origin,
    message: sentence,
    ...(orderId !== undefined && { orderId }),
    ...(traceId !== undefined && { traceId }),
    ...(span !== undefined && { span: span as Span }),
    ...(facts !== undefined && { fields: facts.fields }),
  };
  return { record, size: FRAME + sentence.length + (facts?.size ?? 0) };
}

/** The record, or as much of it as fits the contract: what does not is among its facts then. */
export function fitting(record: LogRecord): LogRecord {
  if (LogRecord.safeParse(record).success) return record;
  const { orderId, traceId, span, fields, ...rest } = record;
  const { shape } = LogRecord;
  const strange = {
    ...(!shape.orderId.safeParse(orderId).success && { orderId }),
    ...(!shape.traceId.safeParse(traceId).success && { traceId }),
    ...(!shape.span.safeParse(span).success && { span }),
  };
  const facts = bounded({ ...strange, ...fields });
  return {
    ...rest,
    ...(orderId !== undefined && !('orderId' in strange) && { orderId }),
    ...(traceId !== undefined && !('traceId' in strange) && { traceId }),
    ...(span !== undefined && !('span' in strange) && { span }),
    ...(facts !== undefined && { fields: facts.fields }),
  };
}

/** Takes from the front what may travel in one message. */
export function takeBatch(queue: SizedRecord[]): SizedRecord[] {
  let count = 0;
  let size = 0;
  for (const each of queue.slice(0, MAX_RECORDS)) {
    size += each.size;
    if (count > 0 && size > MAX_BATCH) break;
    count++;
  }
  return queue.splice(0, count);
}

interface BoundedFields {
  readonly fields: Record<string, unknown>;
  readonly size: number;
}

function bounded(fields: Record<string, unknown>): BoundedFields | undefined {
  const keys = Object.keys(fields);
  if (keys.length === 0) return undefined;
  const text = jsonOf(fields);
  const isBounded = text.length <= MAX_FIELDS && keys.every((key) => key.length <= 64);
  if (isBounded) return { fields, size: text.length };
  return { fields: { cut: text.slice(0, MAX_FIELDS) }, size: MAX_FIELDS };
}

/** A circle or a number without end is a defect of who logs it, but no reason to lose the sentence. */
function jsonOf(fields: Record<string, unknown>): string {
  try {
    return JSON.stringify(fields);
  } catch (error) {
    return `not to be written as JSON: ${String(error)}`.padEnd(MAX_FIELDS + 1);
  }
}
