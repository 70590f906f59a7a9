/** How long the command line takes before it does anything, beside an empty Node process in the same run. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';

const BIN = path.resolve(import.meta.dirname, '../bin/wonderland.js');
const ROUNDS = 15;

/** What is measured, and how many milliseconds above the floor it may take. */
const CASES: ReadonlyArray<readonly [args: readonly string[], limitMs: number]> = [
  [['--version'], 40],
  [['--help'], 60],
  [['order', '--help'], 60],
  [['up', '--help'], 60],
  [['scenario', '--help'], 60],
  [['help', 'exit-codes'], 60],
];

function measure(args: readonly string[]): number {
  const start = performance.now();
  execFileSync(process.execPath, args, { stdio: 'ignore' });
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Rounds take turns, so that a busy moment hits floor and command alike. */
const floors: number[] = [];
const times = CASES.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  floors.push(measure(['-e', '0']));
  for (const [index, [args]] of CASES.entries()) times[index]?.push(measure([BIN, ...args]));
}
const floor = median(floors);
process.stdout.write(`floor (node -e 0)${' '.repeat(13)}${floor.toFixed(0)} ms\n`);
let isMissed = false;
for (const [index, [args, limitMs]] of CASES.entries()) {
  const above = median(times[index] ?? []) - floor;
  isMissed ||= above > limitMs;
  const verdict = above > limitMs ? 'MISSED' : 'ok';
  const name = `wonderland ${args.join(' ')}`.padEnd(29);
  process.stdout.write(`${name} +${above.toFixed(0)} ms (limit +${limitMs}) ${verdict}\n`);
}
process.exitCode = isMissed ? 1 : 0;
