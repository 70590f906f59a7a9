import { describe, expect, it } from 'vitest';

import type { RawMessage, WireTable } from '../../messaging/bus.ts';
import { deadLetterOf } from '../../messaging/dead-letter.ts';
import { recordOf } from './record.ts';
import { jsonOf, propertiesOf } from './wire-json.ts';

const NOW = 5_000;
const ORDER = '0192f0c1-7d3a-7c3e-9d2e-1a2b3c4d5e6f';
const FACTS = {
  reason: 'invalid-body',
  detail: 'payment.charge: orderId: expected string',
  service: 'payment',
  queue: 'payment.commands',
  at: 1_000,
  copy: 'c1',
} as const;

function raw(properties: WireTable, content = Buffer.from('{}')): RawMessage {
  return { exchange: 'wonderland.commands', routingKey: 'payment', content, properties };
}

const CHARGE = raw({
  type: 'payment.charge',
  messageId: `${ORDER}:charge:do`,
  correlationId: ORDER,
});

/** What RabbitMQ 3.10 adds when a quorum queue gives a message up. */
const DEATH = {
  count: 1,
  reason: 'delivery_limit',
  queue: 'payment.commands',
  time: { '!': 'timestamp', value: 2 },
  exchange: 'wonderland.commands',
  'routing-keys': ['payment'],
};

describe('the record of a dead letter', () => {
  it('has what our copy says of the death, and the place of the message, not of the copy', () => {
    expect(recordOf(deadLetterOf(CHARGE, FACTS, 'dlx'), NOW)).toMatchObject({
      reason: 'invalid-body',
      detail: FACTS.detail,
      service: 'payment',
      queue: 'payment.commands',
      exchange: 'wonderland.commands',
      routing_key: 'payment',
      type: 'payment.charge',
      order_id: ORDER,
      copy: 'c1',
      died_at: 1_000,
      size_bytes: 2,
      is_kept: true,
    });
  });

  it('has the label of its scenario run, also when its headers were too large to be kept', () => {
    const labelled = (headers: WireTable): RawMessage => raw({ ...CHARGE.properties, headers });
    const small = labelled({ run: 'late-1a2b/o1' });
    const large = labelled({ run: 'late-1a2b/o1', padding: 'x'.repeat(20_000) });
    for (const message of [small, large]) {
      expect(recordOf(message, NOW).run).toBe('late-1a2b/o1');
      expect(recordOf(deadLetterOf(message, FACTS, 'dlx'), NOW).run).toBe('late-1a2b/o1');
    }
    expect(recordOf(deadLetterOf(CHARGE, FACTS, 'dlx'), NOW).run).toBeNull();
    expect(recordOf(labelled({ run: 42 }), NOW).run).toBeNull();
  });

  it('has what the broker says where no part could say anything', () => {
    const headers = { 'x-death': [DEATH, { anything: 'older' }] };
    const message = { ...raw({ ...CHARGE.properties, headers }), exchange: 'dlx' };
    expect(recordOf(message, NOW)).toMatchObject({
      reason: 'delivery-limit',
      service: null,
      queue: 'payment.commands',
      exchange: 'wonderland.commands',
      routing_key: 'payment',
      died_at: 2_000,
    });
  });

  it.each([
    ['nothing', {}],
    ['headers that are no table', { headers: 'x' }],
    ['a header of ours that is made up', { headers: { 'dead-letter': { reason: 'bad-luck' } } }],
    ['deaths that are no deaths', { headers: { 'x-death': [1] } }],
    ['properties of other kinds', { type: 7, messageId: null, correlationId: {} }],
  ])('is made of %s too, and says that the place is not known', (_what, properties) => {
    expect(recordOf(raw(properties), NOW)).toMatchObject({
      reason: 'other',
      queue: '',
      order_id: null,
      died_at: NOW,
    });
  });

  it('has one id for all copies, attempts and deaths of a message in a queue, and others for others', () => {
    const idOf = (message: RawMessage, facts: Partial<typeof FACTS> | object = {}): string =>
      recordOf(deadLetterOf(message, { ...FACTS, ...facts }, 'dlx'), NOW).id;
    const again = raw({ ...CHARGE.properties, headers: { attempt: 7, redriven: 2 } });
    const headers = { 'x-death': [DEATH] };
    const same = [
      idOf(CHARGE, { copy: 'c2', at: 9, reason: 'given-up' }),
      idOf(again),
      recordOf(raw({ ...CHARGE.properties, headers }), NOW).id,
    ];
    expect(new Set([idOf(CHARGE), ...same]).size).toBe(1);
    const others = [
      idOf(CHARGE, { queue: 'inventory.commands' }),
      idOf(raw({ ...CHARGE.properties, messageId: 'another' })),
      idOf(raw(CHARGE.properties, Buffer.from('{ }'))),
    ];
    expect(new Set([idOf(CHARGE), ...others]).size).toBe(4);
  });

  it('keeps only the beginning of a body that no part would read', () => {
    const large = recordOf(raw({}, Buffer.alloc(1_048_577)), NOW);
    expect(large).toMatchObject({ is_kept: false, size_bytes: 1_048_577 });
    expect(large.content).toHaveLength(65_536);
    expect(recordOf(raw({}, Buffer.alloc(1_048_576)), NOW).is_kept).toBe(true);
  });
});

describe('properties as JSON', () => {
  it('come back as they were, bytes and timestamps too', () => {
    const properties = {
      type: 't\u0000',
      timestamp: 1,
      headers: {
        bytes: Buffer.from([0, 255]),
        at: { '!': 'timestamp', value: 7 },
        list: [1, 'two', null, true, [Buffer.from('x')], { deep: 1.5 }],
      },
    };
    expect(propertiesOf(JSON.parse(jsonOf(properties)) as WireTable)).toEqual(properties);
  });
});
