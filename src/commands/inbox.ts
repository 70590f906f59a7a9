/** `wonderland inbox [show <id>]`: the mails that the shop sent; works while the stack is down. */
import type { Command } from 'commander';

import { wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

interface Flags {
  readonly order?: string;
  readonly limit: number;
}

export function register(program: Command, context: CommandContext): void {
  const inbox = program
    .command('inbox')
    .description('Show the mails that were sent to customers, newest first.')
    .option('--order <id>', 'only mails of this order')
    .option('-n, --limit <n>', 'at most this many', wholeNumber('--limit', 1, 2_000), 20)
    .action(async (flags: Flags) => {
      const { runInbox } = await import('./inbox/list.ts');
      await runInbox(flags, context);
    });
  const show = inbox
    .command('show')
    .description('Show the text of one mail.')
    .argument('[id]', 'the id of a mail or of an order; without it the newest mail')
    .action(async (id: string | undefined) => {
      const { runInboxShow } = await import('./inbox/show.ts');
      await runInboxShow({ id }, context);
    });
  withExamples(show, [
    ['wonderland inbox show', 'the newest mail'],
    [
      'wonderland inbox show 019a7c3e-51',
      'a mail, or the mail of an order, by the beginning of its id',
    ],
  ]);
  withExamples(inbox, [
    ['wonderland inbox', 'the newest 20 mails'],
    ['wonderland inbox show', 'the text of the newest mail'],
  ]);
}
