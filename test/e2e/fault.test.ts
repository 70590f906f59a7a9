import { afterAll, beforeAll, expect, test } from 'vitest';

import { StackHome } from './stack-home.ts';

let home: StackHome;
beforeAll(async () => {
  home = await StackHome.open();
  await home.running();
}, 120_000);
afterAll(() => home[Symbol.asyncDispose]());

interface Listed {
  readonly faults: ReadonlyArray<{
    readonly id: string;
    readonly fired: number;
    readonly endsInMs: number;
  }>;
  readonly clocks: readonly unknown[];
  readonly silent: readonly string[];
}

async function list(): Promise<Listed> {
  const { stdout } = await home.cli(['fault', 'list', '--json']);
  return (JSON.parse(stdout) as { result: Listed }).result;
}

/** Sets a fault, and answers its id. */
async function set(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await home.cli(['fault', 'set', ...args, '--json']);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return (JSON.parse(stdout) as { result: { fault: { id: string } } }).result.fault.id;
}

test('a fault that is set by hand hits every order, is counted, and is gone when it is cleared', async () => {
  const id = await set('payment.charge@handle', '--decline', 'lost_card', '--for', '5m');
  const order = ['order', '--book', '42', '--pay', 'visa'];
  expect((await home.cli(order)).stdout).toContain('rejected: lost_card');
  const { faults } = await list();
  expect(faults).toMatchObject([{ id, fired: 1 }]);
  expect(faults[0]?.endsInMs).toBeLessThanOrEqual(300_000);
  const cleared = await home.cli(['fault', 'clear', id]);
  expect(cleared.stdout).toContain(`✔ ${id} at payment.charge@handle is disarmed; it fired 1×`);
  expect((await home.cli(order)).stdout).toContain('confirmed');
});

test('the effective values are told: all messages, and ten minutes', async () => {
  const { stdout } = await home.cli(['fault', 'set', 'payment.charge@deliver', '--delay', '1ms']);
  expect(stdout).toMatch(
    /^✔ armed: payment\.charge@deliver: delay of 1\.0 ms, hits all, ends in 10 min 0 s/,
  );
  expect((await home.cli(['fault', 'clear'])).code).toBe(0);
  expect((await list()).faults).toEqual([]);
});

test('a part dies at a place, once, and the order goes on', { timeout: 120_000 }, async () => {
  const before = await home.pidOf('inventory');
  await set('inventory.reserve@handle', '--crash');
  expect((await home.cli(['order', '--book', '42', '--pay', 'visa'])).stdout).toContain(
    'confirmed',
  );
  expect(await home.pidOf('inventory')).not.toBe(before);
  expect((await list()).faults).toMatchObject([{ fired: 1 }]);
  await home.cli(['fault', 'clear']);
});

test(
  'a clock can be wrong, and a part cut off; heal brings both back',
  { timeout: 120_000 },
  async () => {
    const skewed = await home.cli([
      'fault',
      'set',
      '--skew',
      'mediator',
      '--by',
      '-30s',
      '--for',
      '5m',
    ]);
    expect(skewed.stdout).toContain(
      'The clock of mediator is 30.0 s slow, and right again in 5 min 0 s.',
    );
    expect((await list()).clocks).toMatchObject([{ service: 'mediator', skewMs: -30_000 }]);
    expect((await home.cli(['fault', 'set', '--partition', 'payment', '--for', '30s'])).code).toBe(
      0,
    );
    expect((await list()).silent).toEqual(['payment']);
    const healed = await home.cli(['scenario', 'heal']);
    expect(healed.stdout).toContain('set the clock right: mediator');
    expect(await list()).toMatchObject({ clocks: [], silent: [] });
  },
);

test.each([
  [['payment.chrge@handle', '--drop'], 'Did you mean "charge"?'],
  [['paymnt.charge@handle', '--drop'], 'Did you mean "payment"?'],
  [['payment.charge@ack', '--drop'], 'only at publish, confirm, deliver, reply'],
  [['customer.record-order@handle', '--decline', 'no'], 'nobody can decline'],
  [['payment.charge@handle', '--drop', '--crash'], 'write exactly one of'],
  [['payment.charge@handle'], 'Nothing is said to happen'],
  [['payment.charge@handle', '--delay', 'long'], '--delay: "long" is not a duration'],
  [['payment.charge@handle', '--error', 'x', '--for', '2h'], '--for takes 1ms to 1h'],
  [['--partition', 'paymnt'], 'Did you mean "payment"?'],
  [['--skew', 'payment'], '--skew needs --by'],
  [['order.confirmed#3', '--drop'], 'is no place of a message'],
])('%j is refused with what was meant', async (args, advice) => {
  const { code, stdout, stderr } = await home.cli(['fault', 'set', ...args]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.toLowerCase()).toContain(advice.toLowerCase());
});

test('an id that nobody has, and a stack that is not there, are told', async () => {
  expect((await home.cli(['fault', 'clear', 'h0000'])).code).toBe(2);
  for (const verb of [['list'], ['clear'], ['set', 'payment.charge@handle', '--error', 'x']]) {
    expect((await home.cli(['fault', ...verb, '--stack', 'other'])).code).toBe(3);
  }
});

test('places, parts and armed faults are completed', async () => {
  const places = await home.cli(['__complete', 'fault', 'set', 'payment.charge@h']);
  expect(places.stdout).toBe('payment.charge@handle\n');
  const parts = await home.cli(['__complete', 'fault', 'set', '--skew', 'inv']);
  expect(parts.stdout).toBe('inventory\n');
  const id = await set('payment.charge@handle', '--delay', '1ms');
  expect((await home.cli(['__complete', 'fault', 'clear', ''])).stdout).toContain(
    `${id}\tpayment.charge@handle`,
  );
  await home.cli(['fault', 'clear']);
});

test('heal works without a running stack, and says that there was nothing to do', async () => {
  const { code, stdout } = await home.cli(['scenario', 'heal'], {
    env: { WONDERLAND_STATE_DIR: `${home.directory}/elsewhere` },
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '✔ Nothing to heal.\n' });
});
