/** `wonderland dlq list|show|retry|drop`: messages that were given up, and what becomes of them. */
import type { Command } from 'commander';

import { wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

interface FilterFlags {
  readonly type?: string;
  readonly reason?: string;
  readonly order?: string;
}

interface ListFlags extends FilterFlags {
  readonly retried?: boolean;
  readonly limit: number;
}

interface ActFlags extends FilterFlags {
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly yes?: boolean;
}

const DEFAULT_LIMIT = 20;

export function register(program: Command, context: CommandContext): void {
  const dlq = program
    .command('dlq')
    .description('Dead letters: messages that no part can handle, and why.');
  registerReaders(dlq, context);
  registerRetry(dlq, context);
  registerDrop(dlq, context);
  withExamples(dlq, [
    ['wonderland dlq list', 'what waits for somebody, the newest death first'],
    ['wonderland dlq show 3f9a', 'one of them with its bytes; a beginning of its id will do'],
    ['wonderland dlq retry --type payment.charge', 'send all of a type again, once it is repaired'],
    ['wonderland dlq drop --reason unparsable', 'remove what was never a message of ours'],
  ]);
}

function registerReaders(dlq: Command, context: CommandContext): void {
  const list = filters(
    dlq.command('list').description('Show dead letters, the newest death first.'),
  )
    .option('--retried', 'those that were sent again, instead of those that wait')
    .option('-n, --limit <n>', 'at most this many', wholeNumber('--limit', 1, 1_000), DEFAULT_LIMIT)
    .action(async (flags: ListFlags) => {
      const { runDlqList } = await import('./dlq/list.ts');
      await runDlqList(flags, context);
    });
  const show = dlq
    .command('show')
    .description('Show one dead letter with its properties and its body.')
    .argument('<id>', 'its id, or a beginning that only it has')
    .action(async (id: string) => {
      const { runDlqShow } = await import('./dlq/show.ts');
      await runDlqShow({ id }, context);
    });
  withExamples(list, [
    ['wonderland dlq list', 'what waits for somebody, the newest death first'],
    ['wonderland dlq list --reason given-up', 'only what a part gave up'],
    ['wonderland dlq list --retried', 'what was sent again already'],
  ]);
  withExamples(show, [
    ['wonderland dlq show 3f9a', 'its properties and bytes, by a beginning of its id'],
  ]);
}

function registerRetry(dlq: Command, context: CommandContext): void {
  const retry = filters(
    dlq
      .command('retry')
      .description('Send dead letters to their queues again; a command completes its order.')
      .argument('[ids...]', 'their ids; or say which by flags'),
  )
    .option('--all', 'all that wait')
    .option('--dry-run', 'only show which they are')
    .action(async (ids: readonly string[], flags: ActFlags) => {
      const { runDlqRetry } = await import('./dlq/act.ts');
      await runDlqRetry({ ids, ...flags }, context);
    });
  withExamples(retry, [
    ['wonderland dlq retry 3f9a', 'one'],
    ['wonderland dlq retry --reason given-up --dry-run', 'which would be sent again'],
    ['wonderland dlq retry --all', 'everything that waits'],
  ]);
}

function registerDrop(dlq: Command, context: CommandContext): void {
  const drop = filters(
    dlq
      .command('drop')
      .description('Remove dead letters for good, after showing which they are.')
      .argument('[ids...]', 'their ids; or say which by flags'),
  )
    .option('--all', 'all that wait')
    .option('--dry-run', 'only show which they are')
    .option('-y, --yes', 'do not ask')
    .action(async (ids: readonly string[], flags: ActFlags) => {
      const { runDlqDrop } = await import('./dlq/act.ts');
      await runDlqDrop({ ids, ...flags }, context);
    });
  withExamples(drop, [
    ['wonderland dlq drop 3f9a', 'one, after asking'],
    ['wonderland dlq drop --reason unparsable --yes', 'all of a reason, without asking'],
  ]);
}

function filters(command: Command): Command {
  return command
    .option('--type <type>', 'only messages of this type, for example payment.charge')
    .option('--reason <reason>', 'only those that died for this reason, for example given-up')
    .option('--order <id>', 'only messages of this order');
}
