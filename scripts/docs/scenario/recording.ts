/** The kinds of lines of a recording, each with an example that the reader takes. */
import type { Line, PassageLine } from '../../../src/scenario/recording/lines.ts';
import { parseLine } from '../../../src/scenario/recording/line-schema.ts';
import { code } from '../sections.ts';

interface Kind {
  readonly about: string;
  readonly example: object;
}

const ORDER_ID = '01a205af-e803-7774-82c3-7fe4b6759956';
const CHARGE = {
  kind: 'passage',
  atMs: 31,
  order: 'o1',
  seq: 43,
  service: 'payment',
  instance: 'payment-80bdfd',
  message: 'payment.charge',
  messageId: `${ORDER_ID}:charge:do`,
};

const LINES: Readonly<Record<Exclude<Line['kind'], 'passage'>, Kind>> = {
  run: {
    about:
      'The first line. Text, variables and seed are enough to make the plan again; `atMs` of all other lines are milliseconds since `startedAt`.',
    example: {
      kind: 'run',
      format: 1,
      run: 'payment-failure-6c40ce',
      title: 'payment-failure',
      file: 'scenarios/payment/payment-failure.yaml',
      text: 'scenario: payment-failure\nabout: …',
      variables: { reason: 'insufficient_funds' },
      cell: {},
      seed: 1,
      stack: 'running',
      engine: 'embedded',
      startedAt: 1795391742449,
      version: '0.1.0',
    },
  },
  step: {
    about: 'A step began.',
    example: { kind: 'step', atMs: 8.1, step: 1, does: 'o1: alice orders 1 × book 42' },
  },
  placed: {
    about: 'A customer clicked, and what came back: the id of the order, or a `refusal`.',
    example: { kind: 'placed', order: 'o1', atMs: 8.2, tookMs: 61.5, orderId: ORDER_ID },
  },
  stack: {
    about: 'Something was done to a part of the stack; with `problem`, it could not be done.',
    example: {
      kind: 'stack',
      atMs: 40.2,
      faultId: 'f1',
      verb: 'crash',
      part: 'payment',
      instance: 'payment',
      forMs: 2000,
    },
  },
  stock: {
    about: 'The books, each time that they changed.',
    example: {
      kind: 'stock',
      atMs: 17.5,
      books: [{ ref: 42, initial: 10, onHand: 10, held: 1, sold: 0 }],
    },
  },
  money: {
    about: 'The sums of the payment ledger, each time that they changed.',
    example: { kind: 'money', atMs: 69.6, capturedCents: 3900, refundedCents: 0 },
  },
  seen: {
    about:
      'All that was looked at when something was judged: `moment` is steady-before, step, end or steady-after.',
    example: {
      kind: 'seen',
      atMs: 122.3,
      moment: 'end',
      seen: {
        atMs: 122.3,
        startedAt: 1795391742449,
        orders: [],
        books: [],
        holds: [],
        payments: [],
        records: [],
        mails: [],
        breaches: [],
        strays: [],
        messages: {
          redelivered: 0,
          deadLettered: 0,
          duplicatesIgnored: 0,
          unroutable: 0,
          lost: [],
          recorded: 54,
        },
        disturbed: {},
      },
    },
  },
  check: {
    about: 'What was judged of it.',
    example: {
      kind: 'check',
      moment: 'end',
      check: {
        kind: 'expectation',
        atMs: 96,
        name: 'order.o1',
        isMet: true,
        expected: 'rejected',
        found: 'rejected (insufficient_funds)',
        orders: ['o1'],
      },
    },
  },
  healed: {
    about: 'All faults were undone, and every part said so.',
    example: { kind: 'healed', atMs: 131.4 },
  },
  entry: {
    about: 'An entry of the saga log of an order; written when the run is over.',
    example: {
      kind: 'entry',
      atMs: 12,
      order: 'o1',
      entry: {
        seq: 1,
        at: 1795391742461,
        event: 'accepted',
        status: 'reserving',
        issued: ['inventory.reserve'],
      },
    },
  },
  end: {
    about: 'The last line. Without it the run was not played to its end, and proves nothing.',
    example: { kind: 'end', atMs: 140.5, verdict: 'passed' },
  },
};

const PASSAGES: Readonly<Record<PassageLine['what'], Kind>> = {
  point: {
    about:
      'A message came to a point of its life; `redelivered` when the broker had handed it over before.',
    example: { ...CHARGE, what: 'point', point: 'handle', attempt: 1 },
  },
  sent: {
    about:
      'While the message was handled, another one was published; `outcome` is what the broker said: confirmed, refused, unroutable, unknown, or dropped by a fault.',
    example: {
      ...CHARGE,
      what: 'sent',
      sent: 'payment.declined',
      sentId: `${ORDER_ID}:charge:do:reply`,
      exchange: '',
      routingKey: 'mediator.replies',
      durable: true,
      outcome: 'confirmed',
    },
  },
  duplicate: {
    about: 'The effect of the message had happened before: the stored answer was given again.',
    example: { ...CHARGE, what: 'duplicate' },
  },
  'dead-lettered': {
    about: 'The part gave the message up, and kept a copy.',
    example: {
      ...CHARGE,
      what: 'dead-lettered',
      reason: 'unparsable',
      detail: 'the body is not JSON',
    },
  },
  fault: {
    about: 'A fault hit the message at this point.',
    example: {
      ...CHARGE,
      what: 'fault',
      faultId: 'payment-failure-6c40ce/f1',
      point: 'handle',
      action: { verb: 'decline', reason: 'insufficient_funds' },
    },
  },
};

/** @throws ZodError when an example is no line of a recording. */
export function recordingLines(): string {
  const lines = Object.entries(LINES).map(([kind, each]) => ({ name: code(kind), ...each }));
  const passages = Object.entries(PASSAGES).map(([what, each]) => ({
    name: `${code('passage')}, what ${code(what)}`,
    ...each,
  }));
  return [...lines, ...passages]
    .map(({ name, about, example }) => {
      parseLine(example);
      return `- ${name}: ${about}\n\n  \`\`\`json\n  ${JSON.stringify(example)}\n  \`\`\``;
    })
    .join('\n\n');
}
