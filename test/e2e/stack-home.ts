/** A directory in which one test runs its stacks; nothing of them may be left when it is over. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect } from 'vitest';

import { runCli, type CliOptions, type CliRun } from './run-cli.ts';

interface PartRow {
  readonly name: string;
  readonly state: string;
  readonly pid?: number;
  readonly restarts: number;
}

export interface Status {
  readonly state: string;
  readonly supervisorPid?: number;
  readonly parts: readonly PartRow[];
}

export class StackHome implements AsyncDisposable {
  readonly directory: string;
  /** WONDERLAND_STATE_DIR of everything that runs here. */
  readonly state: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.state = path.join(directory, 'the white rabbit’s höle');
  }

  /** Closed to others, with spaces and Unicode: as root this is where PostgreSQL is hardest to run. */
  static async open(parent = tmpdir()): Promise<StackHome> {
    return new StackHome(await mkdtemp(path.join(parent, 'wonderland-life-')));
  }

  cli(args: readonly string[], { env, ...options }: CliOptions = {}): Promise<CliRun> {
    const surroundings = { WONDERLAND_STATE_DIR: this.state, ...env };
    return runCli(args, { cwd: this.directory, env: surroundings, ...options });
  }

  up(...args: readonly string[]): Promise<CliRun> {
    return this.cli(['up', '--ports', 'auto', ...args]);
  }

  /** For tests that begin with a running stack. */
  async running(...args: readonly string[]): Promise<CliRun> {
    const run = await this.up(...args);
    expect(run).toMatchObject({ code: 0 });
    return run;
  }

  async status(stack = 'default'): Promise<Status> {
    const { stdout } = await this.cli(['ps', '--json', '--stack', stack]);
    return (JSON.parse(stdout) as { result: Status }).result;
  }

  async pidOf(name: string): Promise<number> {
    const { parts } = await this.status();
    return parts.find((part) => part.name === name)?.pid ?? 0;
  }

  /** A path in the directory of the default stack. */
  file(...segments: readonly string[]): string {
    return path.join(this.state, 'stacks/default', ...segments);
  }

  /** Everything that was started with this state directory in its environment, PostgreSQL included. */
  processes(): readonly number[] {
    const mark = `WONDERLAND_STATE_DIR=${this.state}`;
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((name) => {
        try {
          return readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(mark);
        } catch {
          return false; // it ended, or is not ours
        }
      })
      .map(Number);
  }

  /** Stops what a test left running; that `down` does not stop it all is a failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    const stacks = path.join(this.state, 'stacks');
    for (const stack of existsSync(stacks) ? readdirSync(stacks) : []) {
      await this.cli(['down', '--stack', stack]);
    }
    const survivors = this.processes();
    for (const pid of survivors) process.kill(pid, 'SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
    expect(survivors).toEqual([]);
  }
}

const LIMIT_MS = 10_000;

export async function until(isTrue: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await isTrue())) {
    if (performance.now() > deadline) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A --port-offset whose ports are free at this moment. */
export async function freeOffset(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await once(server.close(), 'close');
  return port - 4_242;
}
