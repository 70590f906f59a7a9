/** Faults as data: what a scenario arms in a development stack, and what the parts report of it. */
import { z } from 'zod';

import { defineMessage } from './message.ts';
import { Reason } from './primitives.ts';

/** One message's life, in order. */
export const POINTS = [
  'publish',
  'confirm',
  'deliver',
  'handle',
  'commit',
  'committed',
  'reply',
  'ack',
] as const;
export const Point = z.enum(POINTS);
export type Point = z.infer<typeof Point>;

const DelayMs = z.int().min(0).max(600_000);

export const FaultAction = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('decline'), reason: Reason }),
  z.strictObject({ verb: z.literal('error'), message: z.string().min(1).max(200) }),
  /** Uniform between both ends. */
  z.strictObject({ verb: z.literal('delay'), minMs: DelayMs, maxMs: DelayMs }),
]);
export type FaultAction = z.infer<typeof FaultAction>;

export const Fault = z.strictObject({
  id: z.string().min(1).max(100),
  /** Only messages of this run are hit: other orders on the same stack are left alone. */
  run: z.string().min(1).max(64),
  /** Which part handles the message. */
  service: z.string().min(1).max(64),
  /** Contract name of the handled message. */
  message: z.string().min(1).max(100),
  point: Point,
  action: FaultAction,
  /** The first hit is the n-th match, counted from 1. */
  nth: z.int().min(1).max(1_000_000),
  /** How many hits; absent means all. */
  times: z.int().min(1).max(1_000_000).optional(),
});
export type Fault = z.infer<typeof Fault>;

/** What a part saw of one fault. */
export const FaultReport = z.strictObject({
  faultId: z.string().min(1).max(100),
  service: z.string().min(1).max(64),
  fired: z.int().min(0),
});
export type FaultReport = z.infer<typeof FaultReport>;

export const arm = defineMessage({
  name: 'fault.arm',
  version: 1,
  kind: 'command',
  owner: 'shared',
  about: 'Arm faults in every part of a development stack; they end by themselves after the lease.',
  body: z.strictObject({
    faults: z.array(Fault).min(1).max(200),
    leaseMs: z.int().min(1_000).max(600_000),
  }),
});

export const armed = defineMessage({
  name: 'fault.armed',
  version: 1,
  kind: 'reply',
  owner: 'shared',
  about: 'This part has the faults that concern it.',
  body: z.strictObject({ service: z.string().max(64), instance: z.string().max(64) }),
});

export const clear = defineMessage({
  name: 'fault.clear',
  version: 1,
  kind: 'command',
  owner: 'shared',
  about: 'Disarm all faults of a run and tell what became of them.',
  body: z.strictObject({ run: z.string().min(1).max(64) }),
});

export const cleared = defineMessage({
  name: 'fault.cleared',
  version: 1,
  kind: 'reply',
  owner: 'shared',
  about:
    'This part has no faults of the run any more; how often each fired here, and what else passed.',
  body: z.strictObject({
    service: z.string().max(64),
    instance: z.string().max(64),
    reports: z.array(FaultReport).max(200),
    /** Messages of the run that were handled here, by contract name: the near misses. */
    passed: z.record(z.string().max(100), z.int().min(1)),
  }),
});
