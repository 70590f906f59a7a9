/** What `ps` says of parts that hang, died or were paused, and which cure it names: on a running stack. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { StackHome } from './stack-home.ts';

let home: StackHome;
beforeAll(async () => {
  home = await StackHome.open();
  await home.running('--scale', 'payment=2');
});
afterAll(() => home[Symbol.asyncDispose]());

/** Everything that a person sees. */
async function ps(): Promise<string> {
  const { stdout, stderr } = await home.cli(['ps']);
  return `${stdout}\n${stderr}`;
}

async function isReady(): Promise<void> {
  expect(await home.cli(['wait'])).toMatchObject({ code: 0 });
}

describe('the second of two instances', () => {
  test('is not healthy when it hangs, and neither is the stack', async () => {
    const pid = await home.pidOf('payment-2');
    process.kill(pid, 'SIGSTOP');
    try {
      const text = await ps();
      expect(text).toContain('not healthy');
      expect(text).toMatch(/payment-2 +✖ not answering +no answer in time/);
      expect(text).toMatch(/payment +✔ ready/);
      expect(text).toContain('Next: wonderland restart payment-2');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await isReady();
  });

  test('is resumed alone when it alone is paused, and the first by its number', async () => {
    for (const instance of ['payment-2', 'payment-1']) {
      expect(await home.cli(['pause', instance])).toMatchObject({ code: 0 });
      expect(await ps()).toContain(`Next: wonderland resume ${instance}`);
      expect(await home.cli(['resume', instance])).toMatchObject({ code: 0 });
    }
    await isReady();
  });
});

describe('pause and resume', () => {
  test('do not claim what did not happen', async () => {
    process.kill(await home.pidOf('customer'), 'SIGKILL');
    const paused = await home.cli(['pause', 'customer']);
    // On a busy machine it may be back before anybody asks: then it is paused, and `ps` says so.
    const isBack = paused.code === 0;
    expect([0, 5]).toContain(paused.code);
    expect(isBack ? await ps() : paused.stderr).toContain(
      isBack ? 'Next: wonderland resume customer' : 'customer is being started',
    );
    await home.cli(['resume', 'customer']);
    await isReady();
    const resumed = await home.cli(['resume', 'customer']);
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toContain('customer: not paused');
  });
});

describe('a server that all parts need', () => {
  test.each([
    ['broker', /broker +! paused +no message comes through/, /^broker: [^;]+$/],
    // Two payments keep their ledger in PostgreSQL: they may complain as well.
    ['postgres', /postgres +! paused +no answer in time/, /^database: no answer in time/],
  ])('%s, paused, is the one to resume', async (server, row, trouble) => {
    expect(await home.cli(['pause', server])).toMatchObject({ code: 0 });
    try {
      const text = await ps();
      expect(text).toMatch(row);
      expect(text).toContain(`Next: wonderland resume ${server}`);
      expect(text).not.toContain('wonderland restart');
      const { stdout } = await home.cli(['ps', '--json']);
      const { result } = JSON.parse(stdout) as { result: { probeError?: string } };
      expect(result.probeError).toMatch(trouble);
    } finally {
      await home.cli(['resume', server]);
    }
    await isReady();
  });
});

describe('a part taken down for a while', () => {
  test.each(['kill', 'pause', 'restart'])(
    'by %s says when it comes back, and can be back at once',
    async (verb) => {
      const done = await home.cli([verb, 'notification', '--for', '9m']);
      expect(done).toMatchObject({ code: 0 });
      expect(done.stderr).toContain('at once: wonderland resume notification');
      const text = await ps();
      expect(text).toMatch(/notification +! (held|paused) +.*\b(8m|9m)\b/);
      expect(text).toContain('It ends by itself; at once: wonderland resume notification');
      const resumed = await home.cli(['resume', 'notification']);
      expect(resumed.stdout).toContain('notification resumed');
      await isReady();
    },
  );

  test('comes back without anybody', async () => {
    expect(await home.cli(['kill', 'notification', '--for', '1s'])).toMatchObject({ code: 0 });
    await isReady();
    expect((await home.cli(['kill', 'notification', '--for', '11m'])).stderr).toContain('10m');
  });
});
