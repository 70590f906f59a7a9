/** Where commands are killed: a running stack, a scenario with many faults, and nothing of either left behind. */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { sendSignal } from '../../src/stack/process-identity.ts';
import { familyOf } from '../../src/stack/process-tree.ts';
import { runCli, type CliOptions, type CliRun } from '../../test/e2e/run-cli.ts';

/** Whatever it does to parts lasts longer than any trial: only undoing it brings them back. */
const MANY_FAULTS = `scenario: many-faults
about: Much goes wrong at once, for commands that are killed in the middle of it.
given: { books: { 42: { stock: 50, price: 39.00 } } }
steps:
  - orders: { count: 4, parallel: 4, over: 400ms, book: 42 }
  - fault: { hang: customer, for: 2m }
  - orders: { count: 20, id: 'p{n}', parallel: 10, over: 4s, book: 42 }
faults:
  - { at: inventory.reserve@handle, delay: 20ms, times: all }
  - { at: payment.charge@deliver, duplicate: 2, times: all }
  - { at: inventory.commit@handle, crash: inventory, for: 2m }
  - { at: t+200ms, skew: mediator, by: +10s, for: 2m }
  - { at: t+1200ms, restart: notification, for: 2m }
  - { at: 'order.accepted#10', crash: logging, for: 2m }
expect: { count: { order.confirmed: 24 } }
`;

const CALM = `scenario: calm
about: Nothing goes wrong, for the clock.
given: { books: { 42: { stock: 1, price: 39.00 } } }
steps: [{ order: { id: o1, customer: alice, book: 42 } }]
`;

export interface Healed {
  readonly parts: readonly string[];
  readonly faults: readonly string[];
  readonly clocks: readonly string[];
  readonly runs: readonly string[];
  readonly leftovers: readonly unknown[];
}

interface Listed {
  readonly faults: readonly unknown[];
  readonly clocks: readonly unknown[];
  readonly silent: readonly string[];
}

interface Status {
  readonly supervisorPid?: number;
  readonly parts: ReadonlyArray<{ readonly name: string; readonly state: string }>;
}

/** Disposing stops the stack and removes everything. */
export class KillSite implements AsyncDisposable {
  readonly directory: string;
  readonly #environment: Readonly<Record<string, string>>;

  private constructor(directory: string) {
    this.directory = directory;
    this.#environment = {
      WONDERLAND_STATE_DIR: path.join(directory, 'state'),
      TMPDIR: path.join(directory, 'tmp'),
    };
  }

  /** With a running stack. @throws Error when it does not start. */
  static async open(): Promise<KillSite> {
    const site = new KillSite(await mkdtemp(path.join(tmpdir(), 'wonderland-kills-')));
    await mkdir(path.join(site.directory, 'tmp'));
    await writeFile(path.join(site.directory, 'many-faults.yaml'), MANY_FAULTS);
    await writeFile(path.join(site.directory, 'calm.yaml'), CALM);
    const up = await site.cli(['up', '--ports', 'auto']);
    if (up.code === 0) return site;
    await site[Symbol.asyncDispose]();
    throw new Error(`the stack did not start: ${up.stderr}`);
  }

  cli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
    return runCli(args, { cwd: this.directory, ...options, env: this.#environment });
  }

  /** Runs that were begun so far. */
  recordings(): readonly string[] {
    return namesIn(path.join(this.directory, 'state/runs'));
  }

  async heal(): Promise<Healed> {
    const run = await this.cli(['scenario', 'heal', '--json']);
    if (run.code !== 0) throw new Error(`scenario heal ended with ${run.code}: ${run.stdout}`);
    return resultOf(run) as Healed;
  }

  /** What is still wrong, in words; nothing when all is as before. */
  async remains(): Promise<readonly string[]> {
    const listed = resultOf(await this.cli(['fault', 'list', '--json'])) as Listed;
    const status = resultOf(await this.cli(['ps', '--json'])) as Status;
    const off = status.parts.filter(({ state }) => state !== 'ready');
    const family = familyOf(status.supervisorPid ?? 0);
    const strangers = this.#processes().filter((pid) => !family.includes(pid));
    const runs = namesIn(path.join(this.directory, 'state/stacks/default/data/runs'));
    const ephemeral = namesIn(path.join(this.directory, 'state/ephemeral'));
    const stacks = namesIn(path.join(this.directory, 'tmp')).filter(
      (name) =>
        /^wonderland-[0-9a-f]+$/.test(name) &&
        !isSocketFolder(path.join(this.directory, 'tmp', name)),
    );
    return [
      ...(listed.faults.length > 0 ? [`armed: ${JSON.stringify(listed.faults)}`] : []),
      ...(listed.clocks.length > 0 ? [`wrong clocks: ${JSON.stringify(listed.clocks)}`] : []),
      ...(listed.silent.length > 0 ? [`silent: ${listed.silent.join(', ')}`] : []),
      ...off.map(({ name, state }) => `${name} is ${state}`),
      ...strangers.map((pid) => `process ${pid} still runs: ${commandOf(pid)}`),
      ...runs.map((name) => `parts still write down ${name}`),
      ...[...ephemeral, ...stacks].map((name) => `of an ephemeral stack: ${name}`),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.cli(['down']);
    const survivors = this.#processes();
    for (const pid of survivors) sendSignal(pid, 'SIGKILL');
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
    if (survivors.length > 0) throw new Error(`down left ${survivors.join(', ')}`);
  }

  /** Everything that was started from here, told by its environment. */
  #processes(): readonly number[] {
    const mark = `TMPDIR=${this.#environment['TMPDIR']}`;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        try {
          return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(mark);
        } catch {
          return false; // it has ended
        }
      })
      .map(Number);
  }
}

function resultOf({ stdout, stderr }: CliRun): unknown {
  const { result } = JSON.parse(stdout) as { result?: unknown };
  if (result === undefined) throw new Error(`${stdout}\n${stderr}`);
  return result;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // there never was one
  }
}

/** Of the running stack, whose own path is too long for a socket. */
function isSocketFolder(directory: string): boolean {
  return namesIn(directory).every((name) => name.endsWith('.sock'));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return 'it has just ended';
  }
}
