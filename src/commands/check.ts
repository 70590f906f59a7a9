/** `wonderland check <run.ndjson>`: judges recorded runs again, without running anything. */
import type { Command } from 'commander';

import { repeated } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const check = program
    .command('check')
    .description(
      'Judge recorded scenario runs again, without running them. Exit 10: failed, 12: nothing is proven, 7: no recording.',
    )
    .argument('<recordings...>', 'run.ndjson files, as scenario run leaves them behind')
    .option(
      '--report <kind=file>',
      'also write junit, html, json or ndjson; several with commas',
      repeated((text) => text),
    )
    .action(async (files: readonly string[], flags: { readonly report?: readonly string[] }) => {
      const { runCheck } = await import('./check/run.ts');
      await runCheck({ files, reports: flags.report ?? [] }, context);
    });
  withExamples(check, [
    ['wonderland check run.ndjson', 'what the run came to, and why'],
    ['wonderland check run.ndjson --report html=run.html', 'with diagrams, for a browser'],
  ]);
}
