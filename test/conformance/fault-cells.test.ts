// Goal: each verb does what it says at each of its points, and the order still ends as it must. Method: a real shop, whose
// inventory is a process that can be killed; one order for each cell of the table, hit by one fault, and what the parts wrote down.
import { mkdir, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { DeadLetterDetail, DeadLetterList } from '../../src/contracts/dead-letters.ts';
import { CELLS, CORRUPTIONS, POINTS } from '../../src/contracts/faults.ts';
import type { Fault, FaultAction, FaultVerb, Point } from '../../src/contracts/faults.ts';
import { OrderView, type OrderStatus } from '../../src/contracts/orders.ts';
import { Passage, RUNS_DIRECTORY } from '../../src/contracts/passages.ts';
import { ClosingStack } from '../../src/kernel/closing.ts';
import { liveClock, liveIds } from '../../src/kernel/live.ts';
import { seededRandom } from '../../src/kernel/random.ts';
import { FaultControl, type FiredFault } from '../../src/messaging/control.ts';
import { keepInventory, type KeptInventory } from '../support/kept-inventory.ts';
import { ShopClient } from '../support/shop-client.ts';
import { openShop, type TestShop } from '../support/shop.ts';

const LEASE_MS = 120_000;
const PAUSE_MS = 150;
/** Timers and the clock of the day do not tick together. */
const TICK_MS = 3;
const COPIES = 2;
const SEED = 42;
/** All orders come at once: on a busy machine the shop lets some come again. */
const MAX_TRIES = 100;
const COME_AGAIN_MS = 100;
const COMMAND = 'inventory.commit';
const REPLY = 'inventory.committed';

/** A fault, and what its order leaves behind when it did what it says. */
interface Cell {
  readonly name: string;
  readonly service: string;
  readonly message: string;
  readonly point: Point;
  readonly action: FaultAction;
  readonly endsAs: OrderStatus | undefined;
  readonly isDone: (lines: readonly Passage[], cell: Cell & { readonly run: string }) => boolean;
}

type Line<K extends Passage['kind']> = Extract<Passage, { readonly kind: K }>;

const linesOf = <K extends Passage['kind']>(lines: readonly Passage[], kind: K): Line<K>[] =>
  lines.filter((each): each is Line<K> => each.kind === kind);
const countAt = (lines: readonly Passage[], point: Point, message = COMMAND): number =>
  linesOf(lines, 'point').filter((each) => each.point === point && each.message === message).length;
const countSent = (lines: readonly Passage[], outcome: string): number =>
  linesOf(lines, 'sent').filter((each) => each.sent === REPLY && each.outcome === outcome).length;
const countDuplicates = (lines: readonly Passage[]): number =>
  linesOf(lines, 'duplicate').filter((each) => each.message === COMMAND).length;
const isDead = (lines: readonly Passage[], message: string, service: string): boolean =>
  linesOf(lines, 'dead-lettered').some(
    (each) => each.service === service && (each.message === message || each.message === ''),
  );

/** From the fault to the one that marks the same point for the same message. */
function heldFor(lines: readonly Passage[], run: string): number {
  const [fault, marker] = [idOf(run), markerOf(run)].map((id) =>
    linesOf(lines, 'fault').find(({ faultId }) => faultId === id),
  );
  return fault === undefined || marker === undefined ? -1 : marker.at - fault.at;
}

const idOf = (run: string): string => `${run}/fault`;
/** A second fault at the same place, which does nothing but say that the first one is through. */
const markerOf = (run: string): string => `${run}/marker`;

const ACTIONS: Readonly<Record<Exclude<FaultVerb, 'crash'>, FaultAction>> = {
  decline: { verb: 'decline', reason: 'insufficient_funds' },
  error: { verb: 'error', message: 'it cannot be done' },
  delay: { verb: 'delay', minMs: PAUSE_MS, maxMs: PAUSE_MS },
  drop: { verb: 'drop' },
  duplicate: { verb: 'duplicate', copies: COPIES },
  reorder: { verb: 'reorder', withinMs: PAUSE_MS },
  corrupt: { verb: 'corrupt', what: 'json' },
  hold: { verb: 'hold', limitMs: LEASE_MS },
};

/** By verb, and by point where it matters. At least: on a busy machine the saga may ask once more. */
const EFFECTS: Readonly<
  Record<Exclude<FaultVerb, 'crash'>, Partial<Record<Point | 'anywhere', Cell['isDone']>>>
> = {
  decline: { handle: (lines) => countAt(lines, 'handle', 'payment.declined') >= 1 },
  error: { anywhere: (lines) => countAt(lines, 'handle') > 1 },
  delay: { anywhere: (lines, { run }) => heldFor(lines, run) >= PAUSE_MS - TICK_MS },
  drop: {
    publish: (lines) => countSent(lines, 'dropped') >= 1 && countDuplicates(lines) > 0,
    reply: (lines) => countSent(lines, 'dropped') >= 1 && countDuplicates(lines) > 0,
    deliver: (lines) => countAt(lines, 'deliver') > countAt(lines, 'handle'),
    confirm: (lines) => countSent(lines, 'confirmed') >= 2 && countAt(lines, 'deliver', REPLY) >= 2,
  },
  duplicate: {
    publish: (lines) => countAt(lines, 'deliver', REPLY) >= 1 + COPIES,
    reply: (lines) => countAt(lines, 'deliver', REPLY) >= 1 + COPIES,
    deliver: (lines) => countDuplicates(lines) >= COPIES,
  },
  reorder: {
    deliver: (lines, { run }) => {
      const [arrived] = linesOf(lines, 'fault');
      const handled = linesOf(lines, 'point').find(
        ({ point, message }) => point === 'handle' && message === COMMAND,
      );
      const drawn = seededRandom(SEED)
        .stream(`${idOf(run)}/draws`)
        .integer(0, PAUSE_MS);
      return (handled?.at ?? 0) - (arrived?.at ?? 0) >= drawn - TICK_MS;
    },
  },
  corrupt: {
    publish: (lines) => isDead(lines, REPLY, 'mediator'),
    reply: (lines) => isDead(lines, REPLY, 'mediator'),
    deliver: (lines) => isDead(lines, COMMAND, 'inventory'),
  },
  hold: { anywhere: (lines, { run }) => heldFor(lines, run) >= 0 },
};

function cell(verb: Exclude<FaultVerb, 'crash'>, point: Point, of: Partial<Cell> = {}): Cell {
  const isDone = EFFECTS[verb][point] ?? EFFECTS[verb].anywhere ?? (() => false);
  const [service, message, endsAs] =
    verb === 'decline'
      ? (['payment', 'payment.charge', 'rejected'] as const)
      : (['inventory', COMMAND, 'confirmed'] as const);
  const action = ACTIONS[verb];
  return { name: `${verb} at ${point}`, service, message, point, action, endsAs, isDone, ...of };
}

const WITHOUT_CRASHES = Object.keys(ACTIONS) as Exclude<FaultVerb, 'crash'>[];
const TABLE = WITHOUT_CRASHES.flatMap((verb) => CELLS[verb].map((point) => cell(verb, point)));
/** Told "later", as of every dead letter whose sender is known: the saga asks again after a minute only. */
const WAYS = CORRUPTIONS.filter((what) => what !== 'json').map((what) =>
  cell('corrupt', 'deliver', {
    name: `corrupt at deliver: ${what}`,
    action: { verb: 'corrupt', what },
    endsAs: what === 'properties' ? 'confirmed' : undefined,
  }),
);
const OUT_OF_TIME = cell('hold', 'handle', {
  name: 'hold at handle that nobody releases',
  action: { verb: 'hold', limitMs: PAUSE_MS },
  isDone: (lines, { run }) => heldFor(lines, run) >= PAUSE_MS - TICK_MS,
});
const AT_THE_MEDIATOR = (
  ['handle', 'commit', 'committed', 'publish', 'confirm', 'reply', 'ack'] as const
)
  .flatMap((point) => ['payment.charged', 'order.place'].map((message) => ({ point, message })))
  .filter(({ point, message }) => point !== 'ack' || message !== 'order.place')
  .map(({ point, message }) =>
    cell('delay', point, { name: `delay of ${message} at ${point}`, service: 'mediator', message }),
  );
const ALL = [...TABLE, ...WAYS, OUT_OF_TIME, ...AT_THE_MEDIATOR];

describe('every verb at every point', () => {
  const closing = new ClosingStack();
  const runs = new Map(ALL.map((each, n) => [each.name, `cells-${liveIds.hex(3)}-${n}`]));
  const runOf = ({ name }: Pick<Cell, 'name'>): string => runs.get(name) ?? '';
  const fired: FiredFault[] = [];
  /** Faults that held a message until it was released: nothing may have come of it before. */
  const released = new Map<string, boolean>();
  let shop: TestShop;
  let client: ShopClient;
  let control: FaultControl;
  /** Asks again, rather than wait for one that is away. */
  let hasty: FaultControl;
  let inventory: KeptInventory;
  let book: number;
  const orders = new Map<string, string>();

  const folderOf = (run: string): string =>
    path.join(shop.settings.dataDir ?? '', RUNS_DIRECTORY, run);
  const recordingOf = async (run: string): Promise<Passage[]> => {
    const files = await readdir(folderOf(run));
    const texts = await Promise.all(
      files.map((file) => readFile(path.join(folderOf(run), file), 'utf8')),
    );
    return texts
      .flatMap((text) => text.split('\n').filter((line) => line !== ''))
      .map((line) => Passage.parse(JSON.parse(line)));
  };
  const hitsOf = async (run: string): Promise<Line<'fault'>[]> =>
    linesOf(await recordingOf(run), 'fault').filter(({ faultId }) => faultId === idOf(run));
  const place = async (run: string): Promise<void> => {
    await mkdir(folderOf(run), { recursive: true });
    for (let tries = 0; !orders.has(run) && tries < MAX_TRIES; tries++) {
      const response = await client.place({ book, run: `${run}/o1`, key: run, waitMs: 0 });
      const body: unknown = await response.json();
      if (response.ok) orders.set(run, OrderView.parse(body).id);
      else await liveClock.sleep(COME_AGAIN_MS);
    }
  };
  const faultsOf = ({ service, message, point, action }: Cell, run: string): Fault[] => {
    const common = { run, service, message, point, order: 'o1', nth: 1, times: 1, seed: SEED };
    const nothing = { verb: 'delay', minMs: 0, maxMs: 0 } as const;
    return [
      { ...common, id: idOf(run), action },
      { ...common, id: markerOf(run), action: nothing },
    ];
  };
  const goOn = async ({ hold = '', run: label }: FiredFault): Promise<void> => {
    const run = label.replace(/\/.*$/, '');
    const isWaiting = heldFor(await recordingOf(run), run) === -1;
    released.set(run, isWaiting && (await control.release(hold)));
  };

  beforeAll(async () => {
    shop = closing.use(await openShop(['inventory']));
    inventory = closing.use(await keepInventory(shop.settings));
    client = closing.use(await ShopClient.open(shop));
    const services = ['inventory', 'payment', 'mediator'];
    control = closing.use(await FaultControl.open({ ...shop.visitor, services, withinMs: 10_000 }));
    hasty = closing.use(await FaultControl.open({ ...shop.visitor, services, withinMs: 200 }));
    control.onFired((each) => {
      fired.push(each);
      const isLeftAlone = each.faultId === idOf(runOf(OUT_OF_TIME));
      if (each.hold !== undefined && !isLeftAlone) void goOn(each);
    });
    book = await client.stock(200);
    const faults = ALL.flatMap((each) => faultsOf(each, runOf(each)));
    expect(await control.arm(faults, LEASE_MS)).toEqual([]);
    await Promise.all(ALL.map((each) => place(runOf(each))));
  });
  afterAll(() => closing[Symbol.asyncDispose]());

  test.each(ALL)('$name', async (each) => {
    const run = runOf(each);
    if (each.endsAs !== undefined) await client.reach(orders.get(run) ?? '', each.endsAs);
    await expect.poll(async () => each.isDone(await recordingOf(run), { ...each, run })).toBe(true);
    expect(await hitsOf(run)).toMatchObject([{ point: each.point, message: each.message }]);
    expect(fired.filter(({ faultId }) => faultId === idOf(run))).toHaveLength(1);
  });

  test.each(CELLS.hold)(
    'what is held at %s waits for its release, and not longer',
    async (point) => {
      const run = runOf(cell('hold', point));
      await expect.poll(() => released.get(run)).toBe(true);
    },
  );

  test.each([
    ['corrupt at deliver', 'unparsable', /^\{?.*\{$/],
    ['corrupt at publish', 'unparsable', /^\{?.*\{$/],
    ['corrupt at reply', 'unparsable', /^\{?.*\{$/],
    ['corrupt at deliver: body', 'invalid-body', /^"torn out"$/],
    ['corrupt at deliver: type', 'unknown-type', /^\{.*\}$/],
    ['corrupt at deliver: version', 'unknown-version', /^\{.*\}$/],
    ['corrupt at deliver: properties', 'unparsable', /^\{.*\}$/],
  ])('what %s tore is kept among the dead letters as it was torn', async (name, reason, body) => {
    const url = `/dead-letters?run=${runOf({ name })}`;
    const found = async () =>
      DeadLetterList.parse(await (await client.get(url)).json()).deadLetters;
    await expect.poll(found).toMatchObject([{ reason }]);
    const [{ id } = { id: '' }] = await found();
    const detail = DeadLetterDetail.parse(await (await client.get(`/dead-letters/${id}`)).json());
    expect(detail.body.content).toMatch(body);
  });

  test.each(POINTS)('crash at %s: announced, once, and the order ends well', async (point) => {
    const run = `crash-${liveIds.hex(3)}-${point}`;
    const before = inventory.deaths.length;
    const crash = cell('delay', point, { action: { verb: 'crash' } });
    // The one before may not be back yet.
    await expect.poll(() => hasty.arm(faultsOf(crash, run), LEASE_MS)).toEqual([]);
    await place(run);
    await client.reach(orders.get(run) ?? '', 'confirmed');
    await expect.poll(() => inventory.deaths.slice(before)).toEqual(['SIGKILL']);
    const [hit, ...others] = await hitsOf(run);
    expect(others).toEqual([]);
    expect(hit).toMatchObject({ point, message: COMMAND, action: { verb: 'crash' } });
    expect(fired.filter(({ faultId }) => faultId === idOf(run))).toHaveLength(1);
    const last = (await recordingOf(run))
      .filter(
        ({ instance, messageId }) => instance === hit?.instance && messageId === hit.messageId,
      )
      .toSorted((a, b) => a.seq - b.seq)
      .at(-1);
    expect(last).toEqual(hit);
  });
});
