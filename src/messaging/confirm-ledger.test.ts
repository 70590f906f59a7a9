import { EventEmitter } from 'node:events';

import type { ConfirmChannel } from 'amqplib';
import { describe, expect, test } from 'vitest';

import { handClock } from '../../test/support/hand-clock.ts';
import type { PublishOutcome } from './bus.ts';
import { ConfirmLedger, type Envelope } from './confirm-ledger.ts';

type Confirm = (error: unknown) => void;

/** A channel that confirms when the test says so, and a clock that goes when the test says so. */
function ledgerAtHand(): {
  ledger: ConfirmLedger;
  channel: EventEmitter;
  confirms: Confirm[];
  silences: { count: number };
  pass: (ms: number) => Promise<void>;
} {
  const confirms: Confirm[] = [];
  const publish = (...args: unknown[]): boolean => confirms.push(args[4] as Confirm) > 0;
  const channel = new EventEmitter();
  const fake: unknown = Object.assign(channel, { publish });
  const { clock, pass } = handClock();
  const silences = { count: 0 };
  const ledger = new ConfirmLedger(fake as ConfirmChannel, clock, () => {
    silences.count++;
  });
  return { ledger, channel, confirms, silences, pass };
}

const envelope = (id: string): Envelope => ({
  id,
  exchange: '',
  routingKey: 'q',
  encoded: { content: Buffer.alloc(0), options: {} },
});

describe('the ledger of confirms', () => {
  test('tells confirmed, refused and unknown apart', async () => {
    const { ledger, channel, confirms } = ledgerAtHand();
    const outcomes = ['kept', 'nacked', 'returned', 'cut'].map((id) =>
      ledger.publish(envelope(id)),
    );
    channel.emit('return', { properties: { messageId: 'returned' } });
    confirms[0]?.(null);
    confirms[1]?.(new Error('message nacked'));
    confirms[2]?.(null);
    ledger.end('gone');
    const results: readonly PublishOutcome[] = await Promise.all(outcomes);
    expect(results.map((each) => each.outcome)).toEqual([
      'confirmed',
      'refused',
      'refused',
      'unknown',
    ]);
    expect(ledger.isEmpty).toBe(true);
  });

  test('calls a broker silent when the oldest publish waits too long', async () => {
    const { ledger, silences, pass } = ledgerAtHand();
    void ledger.publish(envelope('a'));
    await pass(9_000);
    expect(silences.count).toBe(0);
    await pass(2_000);
    expect(silences.count).toBe(1);
  });

  test('does not count the time in which the broker has told us to wait', async () => {
    const { ledger, silences, pass } = ledgerAtHand();
    void ledger.publish(envelope('a'));
    await pass(9_000);
    ledger.setBlocked(true);
    await pass(4_000);
    ledger.setBlocked(false);
    await pass(9_000);
    expect(silences.count).toBe(0);
    await pass(2_000);
    expect(silences.count).toBe(1);
  });

  test('calls a publish unknown that a blocked broker does not read, and keeps the connection', async () => {
    const { ledger, silences, pass } = ledgerAtHand();
    const outcome = ledger.publish(envelope('a'));
    ledger.setBlocked(true);
    await pass(60_000);
    expect(await outcome).toMatchObject({ outcome: 'unknown' });
    expect(silences.count).toBe(0);
  });
});
