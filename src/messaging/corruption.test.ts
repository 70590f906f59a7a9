import { describe, expect, test } from 'vitest';

import { CORRUPTIONS } from '../contracts/faults.ts';
import { commit } from '../contracts/inventory.ts';
import { CONTRACTS } from '../contracts/registry.ts';
import { seededRandom } from '../kernel/random.ts';
import { accept } from './acceptance.ts';
import { outgoing } from './bus.ts';
import { corrupted } from './corruption.ts';
import { decode, rawOutgoing } from './wire.ts';

const RAW = rawOutgoing(
  outgoing(
    commit,
    { orderId: '6f9619ff-8b86-4d01-b42d-00cf4fc964ff' },
    { exchange: 'commands', routingKey: 'inventory', id: 'm1' },
  ),
  'mediator',
  0,
);
const acceptanceOf = (raw: typeof RAW) => accept({ content: decode(raw) });

describe('a corrupted message', () => {
  test('was readable before', () => {
    expect(acceptanceOf(RAW)).toMatchObject({ ok: true, message: { id: 'm1' } });
  });

  test.each(CORRUPTIONS)('cannot be read: %s', (what) => {
    for (let seed = 0; seed < 200; seed++) {
      const raw = corrupted(RAW, what, seededRandom(seed));
      expect(acceptanceOf(raw).ok, `seed ${seed}`).toBe(false);
    }
  });

  test.each([
    ['json', 'unparsable'],
    ['body', 'invalid-body'],
    ['type', 'unknown-type'],
    ['version', 'unknown-version'],
    ['properties', 'unparsable'],
  ] as const)('%s is what dead letters call %s', (what, reason) => {
    expect(acceptanceOf(corrupted(RAW, what, seededRandom(1)))).toMatchObject({
      death: { reason },
    });
  });

  test('body: there is no contract that a mere text keeps', () => {
    const text = JSON.parse(corrupted(RAW, 'body', seededRandom(1)).content.toString());
    const keepers = CONTRACTS.filter(({ body }) => body.safeParse(text).success);
    expect(keepers.map(({ name }) => name)).toEqual([]);
  });
});
