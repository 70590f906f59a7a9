import { describe, expect, it } from 'vitest';

import { checkScale, instancesOf, numberOf, partsMeant, scaleOf, serviceOf } from './instances.ts';
import { chooseParts, planParts } from './part-plan.ts';
import { planPorts } from './ports/plan.ts';
import { portsOf, type StackRecord } from './stack-record.ts';

const PARTS = ['broker', 'inventory', 'inventory-2', 'mediator', 'mediator-2', 'mediator-3'];

describe('several instances of a service', () => {
  it('are counted from the bare name on', () => {
    const names = instancesOf(['inventory', 'mediator'], { mediator: 3 });
    expect(names).toEqual(['inventory', 'mediator', 'mediator-2', 'mediator-3']);
    expect(names.map(serviceOf)).toEqual(['inventory', 'mediator', 'mediator', 'mediator']);
    expect(names.map(numberOf)).toEqual([1, 1, 2, 3]);
    expect(scaleOf(names)).toEqual({ inventory: 1, mediator: 3 });
  });

  it.each([
    ['mediator', ['mediator', 'mediator-2', 'mediator-3']],
    ['mediator-1', ['mediator']],
    ['mediator-2', ['mediator-2']],
    ['broker', ['broker']],
  ])('%s means %j', (name, meant) => {
    expect(partsMeant(PARTS, name)).toEqual(meant);
  });

  it.each(['mediator-4', 'inventry', 'payment', ''])('nobody is meant by "%s"', (name) => {
    expect(() => partsMeant(PARTS, name)).toThrow(expect.objectContaining({ code: 'usage' }));
  });

  it.each([
    [{ mediatr: 2 }, 'Did you mean "mediator"?'],
    [{ postgres: 2 }, 'Known: inventory'],
    [{ payment: 0 }, '--except payment'],
    [{ payment: 9 }, '--except payment'],
  ])('a scale of %j is refused', (scale, hint) => {
    expect(() => checkScale(scale)).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining(hint) as string }),
    );
  });

  it('cannot be asked of a service that is left out', () => {
    const choice = { except: ['payment'], scale: { payment: 2 } };
    expect(() => chooseParts('embedded', choice)).toThrow('leaves out');
  });
});

describe('the ports of several mediators', () => {
  const portsOfAll = async (...args: Parameters<typeof planPorts>) =>
    portsOf(await planPorts(...args)).map(({ port, part }) => `${part} ${port}`);

  it('are their own, beside those of other engines, and move with the offset', async () => {
    expect(await portsOfAll('external', { mediators: 3 })).toEqual([
      'mediator 4242',
      'mediator-2 4252',
      'mediator-3 4253',
    ]);
    expect(await portsOfAll('external', { mediators: 2, offset: 100 })).toEqual([
      'mediator 4342',
      'mediator-2 4352',
    ]);
  });

  it('stay what they were, and are kept while there is one mediator', async () => {
    const stored = { http: 4242, mediators: { 'mediator-2': 5555 } };
    const one = await planPorts('external', { stored });
    expect(one).toEqual(stored);
    const three = await planPorts('external', { stored, mediators: 3 });
    expect(three.mediators).toEqual({ 'mediator-2': 5555, 'mediator-3': 4253 });
  });

  it('are all different when they are found', async () => {
    const ports = portsOf(await planPorts('embedded', { auto: true, mediators: 3 }));
    expect(new Set(ports.map(({ port }) => port)).size).toBe(5);
  });
});

it('instances differ in name and port only, and wait for whom they share a file with', () => {
  const record: StackRecord = {
    schemaVersion: 1,
    name: 'default',
    engine: 'embedded',
    ports: { http: 1, amqp: 2, postgres: 3, mediators: { 'mediator-2': 4 } },
    endpoints: {
      mediatorUrl: '',
      amqpUrl: '',
      databaseUrl: 'postgres://here',
      inventoryUrl: 'postgres://here',
      namespace: '',
      dataDir: '',
      inboxDir: '',
      logFile: '',
    },
    createdAt: '',
  };
  const names = chooseParts('embedded', { scale: { mediator: 2, inventory: 2, logging: 2 } });
  const parts = planParts({ record, stateDir: '/', smtpUrl: undefined, names });
  const part = (name: string) => parts.find((each) => each.name === name);
  expect(part('mediator-2')?.command.at(-1)).toBe('mediator');
  expect(part('mediator-2')?.environment).toEqual({
    ...part('mediator')?.environment,
    WONDERLAND_PART: 'mediator-2',
    WONDERLAND_HTTP_PORT: '4',
  });
  expect(part('inventory-2')?.command.slice(-2)).toEqual(['service', 'inventory']);
  expect(part('inventory-2')?.after).toEqual(['broker', 'postgres']);
  expect(part('payment')?.after).toEqual(['broker']);
  expect(part('logging-2')?.after).toEqual(['broker', 'logging']);
});
