import { createConnection } from 'node:net';
import { once } from 'node:events';

import { afterEach, describe, expect, it } from 'vitest';

import {
  GOOD,
  hostParts,
  partIn,
  scriptPart,
  untilStatus,
  type HostedParts,
} from '../../../test/support/hosted-parts.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { liveClock } from '../../kernel/live.ts';
import { identify, isFrozen } from '../process-identity.ts';
import { familyOf } from '../process-tree.ts';
import type { PartStatus } from '../stack-status.ts';
import { readState } from '../state-file.ts';
import type { SupervisorRequest } from './protocol.ts';
import { callSupervisor } from './socket-client.ts';

let closing = new ClosingStack();
afterEach(async () => {
  await closing[Symbol.asyncDispose]();
  closing = new ClosingStack();
});

/** For the ends of holds that must not come: nothing tells when they have not. */
const pastTheEnd = (ms: number): Promise<void> => liveClock.sleep(ms + 150);

/** Long enough that no test sees its end, short of the limit. */
const AGES_MS = 500_000;

const EXIT_BY = { kill: { signal: 'SIGKILL' }, restart: { code: 0, signal: null } };

interface Sleeper extends HostedParts {
  readonly pid: number;
  readonly now: () => PartStatus;
  /** Over the socket. */
  readonly ask: (request: Exclude<SupervisorRequest, { do: 'watch' }>) => Promise<PartStatus>;
  /** The status once it is ready again. */
  readonly back: () => Promise<PartStatus>;
}

async function sleeper(script = GOOD): Promise<Sleeper> {
  const hosted = await hostParts(closing, [scriptPart('sleeper', script)]);
  const { supervisor, files } = hosted;
  const now = (): PartStatus => partIn(supervisor.status(), 'sleeper');
  return {
    ...hosted,
    pid: now().pid ?? 0,
    now,
    async ask(request) {
      await callSupervisor(files, request);
      return now();
    },
    back: async () =>
      partIn(
        await untilStatus(supervisor, (status) => partIn(status, 'sleeper').state === 'ready'),
        'sleeper',
      ),
  };
}

describe.each(['kill', 'restart'] as const)('a part taken down by %s for a while', (verb) => {
  it('stays down that long, says until when, and is started again unasked', async () => {
    const { ask, back, pid, files } = await sleeper();
    const before = liveClock.now();
    const down = await ask({ do: verb, part: 'sleeper', forMs: 400 });
    expect(identify(pid)).toBeUndefined();
    expect(down).toMatchObject({ state: 'held', restarts: 0 });
    expect(down.pid).toBeUndefined();
    expect(down.heldUntil).toBeGreaterThanOrEqual(before + 400);
    // Two readings of the clock, a tick apart at most on a calm machine.
    expect(Math.abs((down.heldUntil ?? 0) - down.since - 400)).toBeLessThan(50);
    expect(readState(files)?.status.parts[0]).toMatchObject({ heldUntil: down.heldUntil });
    const again = await back();
    // A timer may be a millisecond early by the other clock.
    expect(again.since).toBeGreaterThanOrEqual((down.heldUntil ?? 0) - 2);
    expect(again.heldUntil).toBeUndefined();
    expect(again).toMatchObject({ restarts: 1, lastExit: EXIT_BY[verb] });
    expect(again.pid).not.toBe(pid);
  });

  it.each(['start', 'resume', 'restart'] as const)('is back at once by %s', async (ender) => {
    const { ask, back } = await sleeper();
    await ask({ do: verb, part: 'sleeper', forMs: AGES_MS });
    await ask({ do: ender, part: 'sleeper' });
    expect((await back()).heldUntil).toBeUndefined();
  });

  it('can be stopped for good, and the stack with it, at once', async () => {
    const { ask, now, supervisor } = await sleeper();
    await ask({ do: verb, part: 'sleeper', forMs: 100 });
    expect(await ask({ do: 'stop', part: 'sleeper' })).toMatchObject({ state: 'stopped' });
    await pastTheEnd(100);
    expect(now().state).toBe('stopped');
    await ask({ do: 'start', part: 'sleeper' });
    await ask({ do: 'kill', part: 'sleeper', forMs: AGES_MS });
    const begin = liveClock.elapsed();
    await supervisor.stop();
    expect(liveClock.elapsed() - begin).toBeLessThan(1_000);
    expect(supervisor.status().state).toBe('stopped');
  });

  it('stays down until the later end when it is asked for twice', async () => {
    const { ask } = await sleeper();
    const first = await ask({ do: verb, part: 'sleeper', forMs: AGES_MS });
    const second = await ask({ do: 'kill', part: 'sleeper', forMs: 1_000 });
    expect(second).toMatchObject({ heldUntil: first.heldUntil, since: first.since });
    const third = await ask({ do: 'restart', part: 'sleeper', forMs: AGES_MS + 60_000 });
    expect(third.heldUntil).toBeGreaterThan(first.heldUntil ?? 0);
  });
});

describe('a part frozen for a while', () => {
  it('goes on unasked, in the same process', async () => {
    const { ask, back, pid } = await sleeper();
    const frozen = await ask({ do: 'pause', part: 'sleeper', forMs: 300 });
    expect(frozen).toMatchObject({ state: 'paused', pid });
    expect(isFrozen(pid)).toBe(true);
    expect(Math.abs((frozen.heldUntil ?? 0) - frozen.since - 300)).toBeLessThan(50);
    const again = await back();
    expect(again).toMatchObject({ pid, restarts: 0 });
    expect(again.heldUntil).toBeUndefined();
    expect(isFrozen(pid)).toBe(false);
  });

  it('goes on at once when it is told to', async () => {
    const { ask, pid } = await sleeper();
    await ask({ do: 'pause', part: 'sleeper', forMs: AGES_MS });
    expect(await ask({ do: 'resume', part: 'sleeper' })).toMatchObject({ state: 'ready', pid });
    await ask({ do: 'pause', part: 'sleeper', forMs: AGES_MS });
    expect(await ask({ do: 'start', part: 'sleeper' })).toMatchObject({ state: 'ready', pid });
  });

  it('stays frozen when somebody also froze it without an end', async () => {
    const { ask, now } = await sleeper();
    await ask({ do: 'pause', part: 'sleeper' });
    await ask({ do: 'pause', part: 'sleeper', forMs: 50 });
    expect(now().heldUntil).toBeUndefined();
    expect(await ask({ do: 'heal' })).toMatchObject({ state: 'paused' });
    await ask({ do: 'resume', part: 'sleeper' });
    await ask({ do: 'pause', part: 'sleeper', forMs: 50 });
    await ask({ do: 'pause', part: 'sleeper' });
    await pastTheEnd(50);
    expect(now().state).toBe('paused');
  });

  it('can be killed, and then stays down', async () => {
    const { ask, pid } = await sleeper();
    await ask({ do: 'pause', part: 'sleeper', forMs: 100 });
    const down = await ask({ do: 'kill', part: 'sleeper', forMs: AGES_MS });
    expect(down.state).toBe('held');
    expect(identify(pid)).toBeUndefined();
  });

  it('is killed with all that is below it, also what leads a group of its own', async () => {
    const script = `${GOOD}
      require('node:child_process').spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });`;
    const { ask, pid } = await sleeper(script);
    await expect.poll(() => familyOf(pid).length).toBe(2);
    const [, child = 0] = familyOf(pid);
    await ask({ do: 'pause', part: 'sleeper', forMs: AGES_MS });
    expect(isFrozen(child)).toBe(true);
    await ask({ do: 'kill', part: 'sleeper', forMs: AGES_MS });
    await expect.poll(() => identify(child)).toBeUndefined();
  });
});

describe('healing', () => {
  it('ends everything on purpose, and the wait after a crash, and names it', async () => {
    const names = ['killed', 'frozen', 'crashed', 'well', 'off'];
    const { supervisor, files } = await hostParts(
      closing,
      names.map((name) => scriptPart(name, GOOD)),
    );
    await callSupervisor(files, { do: 'kill', part: 'killed', forMs: AGES_MS });
    await callSupervisor(files, { do: 'pause', part: 'frozen', forMs: AGES_MS });
    await callSupervisor(files, { do: 'stop', part: 'off' });
    await callSupervisor(files, { do: 'kill', part: 'crashed' });
    const { healed } = await callSupervisor(files, { do: 'heal' });
    expect(healed).toEqual(['killed', 'frozen', 'crashed']);
    const isBack = (name: string): boolean => partIn(supervisor.status(), name).state === 'ready';
    await expect.poll(() => names.map(isBack)).toEqual([true, true, true, true, false]);
    expect(partIn(supervisor.status(), 'off').state).toBe('stopped');
    expect((await callSupervisor(files, { do: 'heal' })).healed).toEqual([]);
  });

  it('cuts short a restart whose part has not even ended yet', async () => {
    const slow = GOOD.replace('process.exit(0)', 'setTimeout(() => process.exit(0), 300)');
    const { ask, back, now, pid } = await sleeper(slow);
    const restarted = ask({ do: 'restart', part: 'sleeper', forMs: AGES_MS });
    await expect.poll(() => now().state).toBe('stopping');
    await ask({ do: 'heal' });
    await restarted;
    expect((await back()).pid).not.toBe(pid);
  });
});

describe('a supervisor asked for nonsense', () => {
  it('answers each with a refusal, and goes on', async () => {
    const { files, ask, now, pid } = await sleeper();
    const socket = createConnection(files.socket).setEncoding('utf8');
    closing.defer(() => socket.destroy());
    const lines = [
      '{"do":"kill","part":"sleeper","forMs":0}',
      '{"do":"kill","part":"sleeper","forMs":-1}',
      '{"do":"kill","part":"sleeper","forMs":1.5}',
      '{"do":"kill","part":"sleeper","forMs":600001}',
      '{"do":"kill","part":"sleeper","forMs":"5s"}',
      '{"do":"kill","part":"sleeper","forMs":null}',
      '{"do":"stop","part":"sleeper","forMs":5}',
      '{"do":"pause","part":{}}',
      `{"do":"pause","part":"${'x'.repeat(65)}"}`,
      '{"do":["kill"],"part":"sleeper"}',
      '[[[',
    ];
    for (const line of lines) {
      socket.write(`${line}\n`);
      const [answer] = (await once(socket, 'data')) as [string];
      expect(JSON.parse(answer)).toMatchObject({ ok: false, error: { code: 'usage' } });
    }
    expect(now()).toMatchObject({ state: 'ready', pid });
    await ask({ do: 'stop', part: 'sleeper' });
    for (const verb of ['kill', 'pause', 'restart'] as const) {
      await expect(ask({ do: verb, part: 'sleeper', forMs: 5 })).rejects.toMatchObject({
        code: 'not-ready',
        message: `sleeper is stopped: there is nothing to ${verb}`,
      });
    }
    await ask({ do: 'start', part: 'sleeper' });
  });

  it('starts nothing any more while the stack ends', async () => {
    const slow = GOOD.replace('process.exit(0)', 'setTimeout(() => process.exit(0), 300)');
    const { ask, supervisor } = await sleeper(slow);
    const restarted = ask({ do: 'restart', part: 'sleeper' });
    await untilStatus(supervisor, (status) => partIn(status, 'sleeper').state === 'stopping');
    const stopped = supervisor.stop();
    await expect(restarted).rejects.toMatchObject({ code: 'not-ready' });
    await stopped;
    expect(partIn(supervisor.status(), 'sleeper').state).toBe('stopped');
  });
});
