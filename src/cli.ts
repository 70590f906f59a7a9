/** The process around a command: streams, signals, exit code. Everything else is handed in. */
import { readFileSync } from 'node:fs';

/** Runs the command line and sets the exit code; never throws. */
export async function main(argv: readonly string[]): Promise<void> {
  const words = argv.slice(2);
  if (words.length === 1 && (words[0] === '--version' || words[0] === '-V')) {
    process.stdout.write(`${version()}\n`);
    return;
  }
  const { runInProcess } = await import('./commands/run-in-process.ts');
  process.exitCode = await runInProcess({ words, process, version });
}

function version(): string {
  const file = new URL('../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
