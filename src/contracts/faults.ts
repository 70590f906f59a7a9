/** Faults as data: what a scenario arms in a development stack, and what the parts report of it. */
import { z } from 'zod';

import { defineMessage } from './message.ts';
import { Reason } from './primitives.ts';
import { MAX_LABEL_LENGTH } from './run-label.ts';

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

/** Longest that a fault may delay, hold, cut off or skew, milliseconds. */
export const MAX_FAULT_MS = 600_000;
const FaultMs = z.int().min(0).max(MAX_FAULT_MS);

/** What of a message can be broken: see `Corruption` in the documentation of scenarios. */
export const CORRUPTIONS = ['json', 'body', 'type', 'version', 'properties'] as const;
export type Corruption = (typeof CORRUPTIONS)[number];

export const FaultAction = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('decline'), reason: Reason }),
  z.strictObject({ verb: z.literal('error'), message: z.string().min(1).max(200) }),
  /** Uniform between both ends. */
  z.strictObject({ verb: z.literal('delay'), minMs: FaultMs, maxMs: FaultMs }),
  /**
   * Lost, and nobody notices: not sent at `publish` and `reply`; acked unread at `deliver`. At `confirm` the
   * broker's answer is lost: the sender publishes once more.
   */
  z.strictObject({ verb: z.literal('drop') }),
  /** So many more of it, at `deliver`, `publish` and `reply`. */
  z.strictObject({ verb: z.literal('duplicate'), copies: z.int().min(1).max(20) }),
  /** Each delivery, and each copy of it, waits up to this long by itself: later ones overtake. */
  z.strictObject({ verb: z.literal('reorder'), withinMs: FaultMs }),
  /** Nobody can read it any more: what arrived at `deliver`, what is sent at `publish` and `reply`. */
  z.strictObject({ verb: z.literal('corrupt'), what: z.enum(CORRUPTIONS) }),
  /** The part's process ends exactly there, as `kill -9` would end it. */
  z.strictObject({ verb: z.literal('crash') }),
  /**
   * The message waits there, the part says so (`fault.fired` with a hold), and whoever armed the fault does
   * something to the stack: then it goes on when it is released, or after the limit.
   */
  z.strictObject({ verb: z.literal('hold'), limitMs: FaultMs }),
]);
export type FaultAction = z.infer<typeof FaultAction>;
export type FaultVerb = FaultAction['verb'];

/** Where each verb can act: the table of the documentation is made of it. */
export const CELLS: Readonly<Record<FaultVerb, readonly Point[]>> = {
  decline: ['handle'],
  error: ['handle', 'commit'],
  delay: POINTS,
  drop: ['publish', 'confirm', 'deliver', 'reply'],
  duplicate: ['publish', 'deliver', 'reply'],
  reorder: ['deliver'],
  corrupt: ['publish', 'deliver', 'reply'],
  crash: POINTS,
  hold: POINTS,
};

/** Messages that do not pass every point: an order comes over HTTP, and records of a log are answered by nobody. */
const POINTS_OF: Readonly<Record<string, readonly Point[]>> = {
  'order.place': ['publish', 'confirm', 'handle', 'commit', 'committed', 'reply'],
  'log.records': ['deliver', 'handle', 'commit', 'committed', 'ack'],
};
/** The answer to a customer can come late, or not at all. */
const ANSWER_VERBS: readonly FaultVerb[] = ['delay', 'drop', 'crash', 'hold'];

/** The points of a message's life, by contract name; `*` passes all of them somewhere. */
export function pointsOf(message: string): readonly Point[] {
  return POINTS_OF[message] ?? POINTS;
}

/** Where this verb can do something to this message. */
export function pointsFor(verb: FaultVerb, message: string): readonly Point[] {
  const isAnswer = message === 'order.place' && !ANSWER_VERBS.includes(verb);
  return CELLS[verb].filter(
    (point) => pointsOf(message).includes(point) && !(isAnswer && point === 'reply'),
  );
}

/** Stands for every run, and for messages of none: faults that people set by hand. */
export const EVERY_RUN = '*';

const FaultId = z.string().min(1).max(150);
const Service = z.string().min(1).max(64);
const Run = z.string().min(1).max(64);

export const Fault = z
  .strictObject({
    id: FaultId,
    /** Only messages of this run are hit: other orders on the same stack are left alone; `*` for all. */
    run: Run,
    /** Which part handles the message; `*` for any. */
    service: Service,
    /** Contract name of the handled message; `order.place` for an order that comes over HTTP; `*` for any. */
    message: z.string().min(1).max(100),
    point: Point,
    action: FaultAction,
    /** Only messages of this order of the run: its name in the scenario file. */
    order: z.string().max(64).optional(),
    /** Only this attempt of a command, from 1. */
    attempt: z.int().min(1).max(1_000).optional(),
    /** The first hit is the n-th match, counted from 1. A process counts for itself: one that crashed has forgotten. */
    nth: z.int().min(1).max(1_000_000),
    /** How many hits, of all processes together; absent means all. */
    times: z.int().min(1).max(1_000_000).optional(),
    /** Share of the matches that are hit, drawn from the seed; absent means each. */
    rate: z.number().gt(0).lte(1).optional(),
    /** Of every draw: rates, delays, what is torn. */
    seed: z.int().min(0).max(2_147_483_647).optional(),
  })
  .refine(({ point, message, action }) => pointsFor(action.verb, message).includes(point), {
    error: 'this verb cannot act at this point',
  });
export type Fault = z.infer<typeof Fault>;

/** What a part saw of one fault: how often it fired in this process. */
export const FaultReport = z.strictObject({
  faultId: FaultId,
  service: z.string().min(1).max(64),
  fired: z.int().min(0),
});
export type FaultReport = z.infer<typeof FaultReport>;

/** What is left of a lease is told on, so there is no least. */
const LeaseMs = z.int().min(1).max(3_600_000);
const Origin = { service: z.string().max(64), instance: z.string().max(64) };

export const arm = defineMessage({
  name: 'fault.arm',
  version: 1,
  kind: 'command',
  owner: 'shared',
  about: 'Arm faults in every part of a development stack; they end by themselves after the lease.',
  body: z.strictObject({
    faults: z.array(Fault).min(1).max(200),
    leaseMs: LeaseMs,
    /** How often each fired already, by fault id, as far as the sender knows: what is spent stays spent. */
    fired: z.record(FaultId, z.int().min(1)).optional(),
  }),
});

export const armed = defineMessage({
  name: 'fault.armed',
  version: 1,
  kind: 'reply',
  owner: 'shared',
  about:
    'This part did what it was told: it has the faults that concern it, is cut off, or skewed.',
  body: z.strictObject(Origin),
});

export const hello = defineMessage({
  name: 'fault.hello',
  version: 1,
  kind: 'event',
  owner: 'shared',
  about: 'A part has started and knows of no faults: whoever knows some arms them once more.',
  body: z.strictObject(Origin),
});

export const fired = defineMessage({
  name: 'fault.fired',
  version: 1,
  kind: 'event',
  owner: 'shared',
  about:
    'A fault hit a message here. Every part counts it; with a hold, the message waits until it is released.',
  body: z.strictObject({
    ...Origin,
    faultId: FaultId,
    run: z.string().max(MAX_LABEL_LENGTH),
    point: Point,
    message: z.string().max(100),
    messageId: z.string().max(200),
    /** To be named in the release. */
    hold: z.string().max(100).optional(),
  }),
});

export const release = defineMessage({
  name: 'fault.release',
  version: 1,
  kind: 'command',
  owner: 'shared',
  about: 'The message that is held under this name goes on.',
  body: z.strictObject({ hold: z.string().min(1).max(100) }),
});

export const cut = defineMessage({
  name: 'fault.cut',
  version: 1,
  kind: 'command',
  owner: 'shared',
  about:
    'Be cut off from the broker for so long: nothing goes out, nothing comes in, and nobody is told. It ends by itself.',
  body: z.strictObject({ run: Run, service: Service, forMs: FaultMs }),
});

export const skew = defineMessage({
  name: 'fault.skew',
  version: 1,
  kind: 'command',
  owner: 'shared',
  about: 'Let the wall clock of a part be wrong by so much, for so long.',
  body: z.strictObject({
    run: Run,
    service: Service,
    /** Milliseconds; negative is behind. */
    byMs: z.int().min(-86_400_000).max(86_400_000),
    forMs: FaultMs,
  }),
});

export const clear = defineMessage({
  name: 'fault.clear',
  version: 1,
  kind: 'command',
  owner: 'shared',
  about:
    'Disarm faults and set clocks right: those of a run, some of them by id, or all of everybody; tell what became of them.',
  body: z.strictObject({
    /** Absent: of every run, those set by hand included. */
    run: Run.optional(),
    faultIds: z.array(FaultId).max(200).optional(),
  }),
});

export const cleared = defineMessage({
  name: 'fault.cleared',
  version: 1,
  kind: 'reply',
  owner: 'shared',
  about:
    'This part has none of these faults any more; how often each fired here, and what else passed.',
  body: z.strictObject({
    ...Origin,
    reports: z.array(FaultReport).max(1_000),
    /** Messages of the run that were handled here, by contract name: the near misses. */
    passed: z.record(z.string().max(100), z.int().min(1)),
  }),
});

export const list = defineMessage({
  name: 'fault.list',
  version: 1,
  kind: 'query',
  owner: 'shared',
  about: 'Which faults are armed, whoever armed them.',
  body: z.strictObject({}),
});

export const listed = defineMessage({
  name: 'fault.listed',
  version: 1,
  kind: 'reply',
  owner: 'shared',
  about: 'The faults that this part knows, and what else is done to it.',
  body: z.strictObject({
    ...Origin,
    faults: z
      .array(z.strictObject({ fault: Fault, fired: z.int().min(0), endsInMs: z.number().min(0) }))
      .max(1_000),
    /** Milliseconds that its clock is wrong by; absent when it is right. */
    skewMs: z.int().optional(),
  }),
});
