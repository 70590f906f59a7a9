/** The `x-` arguments of a queue: checked as RabbitMQ checks them, read into limits, compared on redeclaration. */
import {
  integerOf,
  textOf,
  typeNameOf,
  type Field,
  type FieldTable,
} from '../codec/field-table.ts';
import { describe, ProtocolError } from '../errors.ts';

const OVERFLOWS = ['drop-head', 'reject-publish', 'reject-publish-dlx'] as const;
export type Overflow = (typeof OVERFLOWS)[number];
export type QueueType = 'classic' | 'quorum';

/** What the arguments ask of the queue; absent = no such limit. */
export interface QueueLimits {
  readonly type: QueueType;
  readonly maxLength: number | undefined;
  readonly maxLengthBytes: number | undefined;
  readonly overflow: Overflow;
  readonly messageTtlMs: number | undefined;
  readonly deliveryLimit: number | undefined;
  readonly deadLetterExchange: string | undefined;
  readonly deadLetterKey: string | undefined;
  /** Dead letters that no queue takes stay here and are tried again, instead of being lost. */
  readonly keepsUndeliverable: boolean;
}

/** Answers what is wrong with a value as an Erlang term, or undefined. */
type Check = (field: Field) => string | undefined;

const MAX_PRIORITY = 255;
/** Where a cluster places a queue; one node accepts and ignores it. */
const LEADER_LOCATORS = ['client-local', 'balanced', 'random', 'least-leaders'];

const integer: Check = (field) =>
  integerOf(field) === undefined ? `"expected integer, got ${typeNameOf(field)}"` : undefined;
const atLeastZero: Check = (field) =>
  integer(field) ??
  ((integerOf(field) as number) < 0 ? `{value_negative,${integerOf(field)}}` : undefined);
const positive: Check = (field) =>
  atLeastZero(field) ?? (integerOf(field) === 0 ? '{value_zero,0}' : undefined);
const priority: Check = (field) =>
  atLeastZero(field) ??
  ((integerOf(field) as number) > MAX_PRIORITY
    ? `{max_value_exceeded,${integerOf(field)}}`
    : undefined);
const flag: Check = (field) =>
  field.type === 't' ? undefined : `{unacceptable_type,${typeNameOf(field)}}`;
const oneOf =
  (values: readonly string[], complaint: (value: string) => string): Check =>
  (field) => {
    const text = textOf(field);
    if (text === undefined) return `{unacceptable_type,${typeNameOf(field)}}`;
    return values.includes(text) ? undefined : complaint(text);
  };
const anything: Check = () => undefined;

interface ArgumentRule {
  readonly check: Check;
  /** A `longstr` and nothing else; RabbitMQ words that refusal differently. */
  readonly isText?: true;
  /** The queue types that know it; absent = both. */
  readonly only?: QueueType;
}

const RULES: Readonly<Record<string, ArgumentRule>> = {
  'x-expires': { check: positive },
  'x-message-ttl': { check: atLeastZero },
  'x-dead-letter-exchange': { check: anything, isText: true },
  'x-dead-letter-routing-key': { check: anything, isText: true },
  'x-dead-letter-strategy': {
    check: oneOf(['at-most-once', 'at-least-once'], () => 'invalid_dlx_strategy'),
    only: 'quorum',
  },
  'x-max-length': { check: atLeastZero },
  'x-max-length-bytes': { check: atLeastZero },
  'x-max-in-memory-length': { check: atLeastZero, only: 'quorum' },
  'x-max-in-memory-bytes': { check: atLeastZero, only: 'quorum' },
  'x-max-priority': { check: priority, only: 'classic' },
  'x-overflow': { check: oneOf(OVERFLOWS, () => 'invalid_overflow') },
  'x-queue-mode': {
    check: oneOf(['default', 'lazy'], (mode) => `"unsupported queue mode '${mode}'"`),
    only: 'classic',
  },
  'x-single-active-consumer': { check: flag },
  'x-queue-type': {
    check: oneOf(['classic', 'quorum'], (type) => `"unsupported queue type '${type}'"`),
  },
  'x-delivery-limit': { check: integer, only: 'quorum' },
  'x-queue-leader-locator': {
    check: oneOf(LEADER_LOCATORS, () => 'invalid_queue_locator_arg'),
  },
  'x-quorum-initial-group-size': { check: positive, only: 'quorum' },
};

/** The type asked for; classic when none is. */
export function queueTypeOf(args: FieldTable): QueueType {
  return textOf(args.get('x-queue-type')) === 'quorum' ? 'quorum' : 'classic';
}

/** Unknown arguments are no error, as in RabbitMQ. @throws ProtocolError 406 */
export function checkQueueArguments(args: FieldTable, queue: string, vhost: string): void {
  const where = describe('queue', queue, vhost);
  const invalid = (name: string, rest: string): ProtocolError =>
    new ProtocolError('precondition-failed', `invalid arg '${name}' for ${where}${rest}`);
  const type = queueTypeOf(args);
  for (const [name, rule] of Object.entries(RULES)) {
    const field = args.get(name);
    if (field === undefined) continue;
    if (rule.isText === true && field.type !== 'S') {
      const text = `invalid type '${typeNameOf(field)}' for arg '${name}' in ${where}`;
      throw new ProtocolError('precondition-failed', text);
    }
    const complaint = rule.check(field);
    if (complaint !== undefined) throw invalid(name, `: ${complaint}`);
    if (rule.only !== undefined && rule.only !== type) {
      throw invalid(name, ` of queue type rabbit_${type}_queue`);
    }
  }
  if (args.has('x-dead-letter-routing-key') && !args.has('x-dead-letter-exchange')) {
    throw invalid('x-dead-letter-routing-key', ': routing_key_but_no_dlx_defined');
  }
}

/** Reads checked arguments. */
export function parseQueueLimits(args: FieldTable): QueueLimits {
  const number = (name: string): number | undefined => integerOf(args.get(name));
  const text = (name: string): string | undefined => textOf(args.get(name));
  const type = queueTypeOf(args);
  const overflow = OVERFLOWS.find((name) => name === text('x-overflow')) ?? 'drop-head';
  return {
    type,
    overflow,
    maxLength: number('x-max-length'),
    maxLengthBytes: number('x-max-length-bytes'),
    messageTtlMs: number('x-message-ttl'),
    deliveryLimit: number('x-delivery-limit'),
    deadLetterExchange: text('x-dead-letter-exchange'),
    deadLetterKey: text('x-dead-letter-routing-key'),
    // RabbitMQ falls back to at-most-once unless the queue rejects publishes.
    keepsUndeliverable:
      text('x-dead-letter-strategy') === 'at-least-once' && overflow === 'reject-publish',
  };
}

/** Arguments that must be the same on every declaration of a queue, in the order they are compared. */
export const COMPARED_QUEUE_ARGUMENTS: readonly string[] = Object.keys(RULES);
