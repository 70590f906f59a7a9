/** What parts write down while a scenario is recorded: one line of JSON for each point that a message passed. */
import { z } from 'zod';

import { FaultAction, Point } from './faults.ts';
import { MAX_LABEL_LENGTH } from './run-label.ts';

/** Longest text of a line, in characters; what is longer is cut off. */
export const MAX_PASSAGE_TEXT = 300;
const Text = z.string().max(MAX_PASSAGE_TEXT);

/** Below the data directory of a stack: one folder for each run that is recorded, made by whoever wants to read it. */
export const RUNS_DIRECTORY = 'runs';

/** A run that may name a folder: what else comes in a header is not recorded. */
export const RecordableRun = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);

const common = {
  /** Wall clock of the part, milliseconds since 1970; its clock may be skewed by a fault. */
  at: z.number(),
  /** Counts the lines of one process, from 1: tells lines of one millisecond apart. */
  seq: z.int().min(1),
  service: z.string().max(64),
  instance: z.string().max(64),
  /** Run and order: see `run-label.ts`. */
  run: z.string().max(MAX_LABEL_LENGTH),
  /** The message whose life this is: contract name and message id. */
  message: Text,
  messageId: Text,
};

/** What became of a published message. */
export const PUBLISH_OUTCOMES = [
  'confirmed',
  'refused',
  'unroutable',
  'unknown',
  'dropped',
] as const;

export const Passage = z.discriminatedUnion('kind', [
  /** The message came to this point here. */
  z.strictObject({
    ...common,
    kind: z.literal('point'),
    point: Point,
    attempt: z.int().min(1).optional(),
    /** The broker had handed it over before. */
    redelivered: z.boolean().optional(),
  }),
  /** While the message was handled, another one was published: its outcome, as the broker told it. */
  z.strictObject({
    ...common,
    kind: z.literal('sent'),
    sent: Text,
    sentId: Text,
    /** Exchange and routing key; the default exchange is empty. */
    exchange: Text,
    routingKey: Text,
    durable: z.boolean(),
    outcome: z.enum(PUBLISH_OUTCOMES),
  }),
  /** Its effect had happened before: nothing was done, the stored answer was given again. */
  z.strictObject({ ...common, kind: z.literal('duplicate') }),
  /** The part kept a copy among the dead letters and acked. */
  z.strictObject({ ...common, kind: z.literal('dead-lettered'), reason: Text, detail: Text }),
  /** A fault hit the message at this point. */
  z.strictObject({
    ...common,
    kind: z.literal('fault'),
    faultId: z.string().max(150),
    point: Point,
    action: FaultAction,
  }),
]);
export type Passage = z.infer<typeof Passage>;
