/** Spawns `bin/wonderland.js` as a user would, from the compiled program. */
import { spawn, execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { env as own } from 'node:process';

const ROOT = path.resolve(import.meta.dirname, '../..');
const BIN = path.join(ROOT, 'bin/wonderland.js');

export interface CliRun {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Node's own flags, before the script. */
  readonly node?: readonly string[];
  /** Called with the child once it runs, for tests that send signals or close pipes. */
  readonly meanwhile?: (child: ReturnType<typeof spawn>) => void;
  readonly stdin?: 'ignore' | 'inherit' | 'pipe';
}

/** Runs to the end and never throws: how it ended is what tests look at. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const { env = {}, cwd = ROOT, node = [], stdin = 'ignore' } = options;
  const child = spawn(process.execPath, [...node, BIN, ...args], {
    cwd,
    env: { PATH: own['PATH'] ?? '', HOME: own['HOME'] ?? '', ...env },
    stdio: [stdin, 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  options.meanwhile?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

/** Compiles when the compiled program is missing or older than its sources. */
export function buildIfStale(): void {
  const built = path.join(ROOT, 'dist/cli.js');
  if (existsSync(built) && statSync(built).mtimeMs >= newestSource()) return;
  execFileSync(process.execPath, [path.join(ROOT, 'scripts/build.mjs')], { stdio: 'inherit' });
}

function newestSource(): number {
  return readdirSync(path.join(ROOT, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .reduce((newest, entry) => {
      return Math.max(newest, statSync(path.join(entry.parentPath, entry.name)).mtimeMs);
    }, 0);
}
