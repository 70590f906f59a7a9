/** The lines of a recording as they are read back: the boundary behind which they are trusted. */
import { z } from 'zod';

import { Passage } from '../../contracts/passages.ts';
import { Mail } from '../../contracts/notification.ts';
import { OrderDetail, TimelineEntry } from '../../contracts/orders.ts';
import { PaymentState } from '../../contracts/payment.ts';
import { Instant } from '../../contracts/primitives.ts';
import type { Check as Judged } from '../judge/check.ts';
import type * as Seen from '../judge/observations.ts';
import { STACK_VERBS } from '../language/faults.ts';
import { FORMAT, type Line } from './lines.ts';

/** Scenario files are small: see `language/source.ts`. */
const MAX_TEXT = 262_144;
const MAX_ORDERS = 1_000;
const MAX_MANY = 100_000;

const Name = z.string().max(200);
const Text = z.string().max(10_000);
const Count = z.int().min(0);
const many = <T extends z.ZodType>(each: T) => z.array(each).max(MAX_MANY);
/** Every field of a type has its schema: one that is added there is missed here when it is compiled. */
type ShapeOf<T> = Record<keyof T, z.ZodType>;
const Variables = z.record(Name, z.union([z.string().max(10_000), z.number(), z.boolean()]));

/** The first line of a file of any format. */
export const RunHead = z.object({ kind: z.literal('run'), format: z.int() });

const Run = z.object({
  kind: z.literal('run'),
  format: z.literal(FORMAT),
  run: Name,
  title: Text,
  file: Text,
  text: z.string().max(MAX_TEXT),
  variables: Variables,
  cell: Variables,
  seed: z.int(),
  stack: z.enum(['running', 'ephemeral']),
  engine: Name,
  startedAt: Instant,
  version: Name,
});

const atMs = z.number();
const order = Name;
const VERDICTS = ['passed', 'failed', 'inconclusive'] as const;
const MOMENTS = ['steady-before', 'step', 'end', 'abandoned', 'steady-after'] as const;

/** What is a passage of a part, without what the recording says once. */
const RecordedPassage = z
  .object({ kind: z.literal('passage'), atMs, order: order.optional(), what: Name })
  .loose()
  .transform(({ atMs: at, order: named, what, ...rest }, context) => {
    // The contract of the parts is the contract of the recording: only the names of three fields differ.
    const parsed = Passage.safeParse({ ...rest, kind: what, at, run: '' });
    if (!parsed.success) {
      context.addIssue({ code: 'custom', message: z.prettifyError(parsed.error) });
      return z.NEVER;
    }
    const { at: _, run: __, kind, ...passage } = parsed.data;
    return {
      ...passage,
      kind: 'passage' as const,
      what: kind,
      atMs: at,
      ...(named !== undefined && { order: named }),
    };
  });

const SeenBook = z.object({
  ref: z.int(),
  initial: z.int(),
  onHand: z.int(),
  held: z.int(),
  sold: z.int(),
} satisfies ShapeOf<Seen.SeenBook>);

const LostMessage = z.object({
  message: Text,
  messageId: Text,
  order: order.optional(),
  heldUntilMs: z.number().optional(),
} satisfies ShapeOf<Seen.MessageTally['lost'][number]>);

const Tally = z.object({
  redelivered: Count,
  deadLettered: Count,
  duplicatesIgnored: Count,
  unroutable: Count,
  lost: many(LostMessage),
  recorded: Count,
} satisfies ShapeOf<Seen.MessageTally>);

const SeenOrder = z.object({
  name: Name,
  detail: OrderDetail.optional(),
  refusal: Text.optional(),
  placedAtMs: z.number().optional(),
} satisfies ShapeOf<Seen.SeenOrder>);

const SeenPayment = z.object({
  orderId: Name,
  state: PaymentState,
  capturedCents: z.int(),
  refundedCents: z.int(),
  captures: Count,
} satisfies ShapeOf<Seen.SeenPayment>);

const SeenSaga = z.object({
  orderId: Name,
  entries: Count,
  logged: Count,
  difference: Text.optional(),
} satisfies ShapeOf<Seen.SeenSaga>);

const Observations = z.object({
  atMs,
  startedAt: z.number(),
  orders: many(SeenOrder),
  books: many(SeenBook),
  holds: many(z.object({ orderId: Name, quantity: z.int() })),
  payments: many(SeenPayment),
  records: many(z.object({ orderId: Name, records: Count })),
  mails: many(Mail),
  breaches: many(z.object({ atMs, book: SeenBook, problem: Text })),
  strays: many(z.object({ orderId: Name, order: order.optional() })),
  messages: Tally,
  disturbed: z.record(Name, Count),
  sagas: many(SeenSaga).optional(),
  troubles: many(Text).optional(),
  waiting: z.record(Name, Count).optional(),
} satisfies ShapeOf<Seen.Observations>);

const moment = { moment: z.enum(MOMENTS), step: z.int().min(1).optional() };

const Check = z.object({
  name: Text,
  kind: z.enum(['expectation', 'invariant']),
  isMet: z.boolean(),
  expected: Text,
  found: Text,
  atMs,
  orders: z.array(Name).max(MAX_ORDERS),
  isVague: z.literal(true).optional(),
} satisfies ShapeOf<Judged>);

const Plain = z.discriminatedUnion('kind', [
  Run,
  z.object({ kind: z.literal('step'), atMs, step: z.int().min(1), does: Text }),
  z.object({
    kind: z.literal('placed'),
    atMs,
    order,
    tookMs: z.number(),
    orderId: Name.optional(),
    refusal: Text.optional(),
  }),
  z.object({
    kind: z.literal('stack'),
    atMs,
    faultId: Name,
    verb: z.enum(STACK_VERBS),
    part: Name,
    instance: Name.optional(),
    forMs: z.number().optional(),
    problem: Text.optional(),
  }),
  z.object({ kind: z.literal('healed'), atMs }),
  z.object({ kind: z.literal('entry'), atMs, order, entry: TimelineEntry }),
  z.object({ kind: z.literal('stock'), atMs, books: z.array(SeenBook).max(MAX_ORDERS) }),
  z.object({ kind: z.literal('money'), atMs, capturedCents: z.int(), refundedCents: z.int() }),
  z.object({ kind: z.literal('seen'), atMs, ...moment, seen: Observations }),
  z.object({ kind: z.literal('check'), ...moment, check: Check }),
  z.object({ kind: z.literal('end'), atMs, verdict: z.enum(VERDICTS) }),
]);

const Kind = z.object({ kind: z.string().max(20) });

/** A line as it was written. @throws ZodError when it is none. */
export function parseLine(value: unknown): Line {
  const { kind } = Kind.parse(value);
  const line = kind === 'passage' ? RecordedPassage.parse(value) : Plain.parse(value);
  // JSON knows no undefined: what is optional is there or not, which the schema's types cannot say.
  return line as Line;
}
