/** A small recording, for tests of reports: one order, one fault, one message that comes twice. */
import type { Line, PassageLine } from '../../src/scenario/recording/lines.ts';
import { judgeMoment } from '../../src/scenario/judge/moments.ts';
import { tally } from '../../src/scenario/recording/tally.ts';
import { PLAN, SEEN } from './seen-run.ts';

const origin = { kind: 'passage', instance: 'i-1', order: 'good' } as const;

function passages(): PassageLine[] {
  const message = 'payment.charge';
  const charge = { ...origin, service: 'payment', message, messageId: 'c1' };
  return [
    {
      ...origin,
      service: 'mediator',
      message: 'inventory.reserved',
      messageId: 'r1',
      what: 'sent',
      seq: 1,
      atMs: 10,
      sent: message,
      sentId: 'c1',
      exchange: 'commands',
      routingKey: 'payment',
      durable: true,
      outcome: 'confirmed',
    },
    { ...charge, what: 'point', point: 'deliver', seq: 1, atMs: 12 },
    { ...charge, what: 'point', point: 'handle', seq: 2, atMs: 13 },
    { ...charge, what: 'point', point: 'deliver', seq: 3, atMs: 2_012, redelivered: true },
    { ...charge, what: 'point', point: 'handle', seq: 4, atMs: 2_013, redelivered: true },
    { ...charge, what: 'duplicate', seq: 5, atMs: 2_014 },
    { ...charge, what: 'point', point: 'ack', seq: 6, atMs: 2_015, redelivered: true },
  ];
}

/** Every line of it; `text` is the file it was made of. */
export function recordedLines(): Line[] {
  const written = passages();
  const seen = { ...SEEN, messages: tally(written) };
  const end = { moment: 'end', seen } as const;
  return [
    {
      kind: 'run',
      format: 1,
      run: 'x-a1b2c3',
      title: PLAN.title,
      file: PLAN.file,
      text: PLAN.text,
      variables: PLAN.variables,
      cell: PLAN.cell,
      seed: PLAN.seed,
      stack: 'ephemeral',
      engine: 'embedded',
      startedAt: SEEN.startedAt,
      version: '0.0.0',
    },
    { kind: 'step', atMs: 1, step: 1, does: 'good: alice orders 2 × book 42' },
    ...written,
    { kind: 'stock', atMs: 20, books: SEEN.books },
    { kind: 'money', atMs: 30, capturedCents: 7_800, refundedCents: 0 },
    { kind: 'seen', atMs: 500, ...end },
    ...judgeMoment(PLAN, end).map((check) => ({
      kind: 'check' as const,
      moment: 'end' as const,
      check,
    })),
    { kind: 'end', atMs: 600, verdict: 'passed' },
  ];
}
