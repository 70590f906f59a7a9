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
  /** The part's process ends exactly there, as `kill -9` would end it. */
  z.strictObject({ verb: z.literal('crash') }),
  /** Lost, and nobody notices: not sent at `publish` and `reply`; acked unread at `deliver`. */
  z.strictObject({ verb: z.literal('drop') }),
  /** So many more of it, at `deliver`, `publish` and `reply`. */
  z.strictObject({ verb: z.literal('duplicate'), copies: z.int().min(1).max(20) }),
  /** Each delivery, and each copy of it, waits up to this long by itself: later ones overtake. */
  z.strictObject({ verb: z.literal('reorder'), withinMs: DelayMs }),
]);
export type FaultAction = z.infer<typeof FaultAction>;

/** Where the verbs that concern the message as a whole can act; the others act at every point. */
const PLACES: Partial<Record<FaultAction['verb'], readonly Point[]>> = {
  drop: ['deliver', 'publish', 'reply'],
  duplicate: ['deliver', 'publish', 'reply'],
  reorder: ['deliver'],
};

function canAct({
  point,
  action,
}: {
  readonly point: Point;
  readonly action: FaultAction;
}): boolean {
  return PLACES[action.verb]?.includes(point) ?? true;
}

export const Fault = z
  .strictObject({
    id: z.string().min(1).max(100),
    /** Only messages of this run are hit: other orders on the same stack are left alone. */
    run: z.string().min(1).max(64),
    /** Which part handles the message. */
    service: z.string().min(1).max(64),
    /** Contract name of the handled message; `order.place` for an order that comes over HTTP. */
    message: z.string().min(1).max(100),
    point: Point,
    action: FaultAction,
    /** The first hit is the n-th match, counted from 1. A process counts for itself: one that crashed has forgotten. */
    nth: z.int().min(1).max(1_000_000),
    /** How many hits; absent means all. */
    times: z.int().min(1).max(1_000_000).optional(),
  })
  .refine(canAct, 'this verb cannot act at this point');
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
