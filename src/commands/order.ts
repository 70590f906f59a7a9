/** `wonderland order`: places an order and follows its saga; `order show <id>` tells what became of one, `order cancel <id>` takes it back. */
import { Option, type Command } from 'commander';

import { duration, repeated } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

interface Flags {
  readonly book?: readonly string[];
  readonly quantity?: readonly string[];
  readonly customer?: string;
  readonly pay?: string;
  readonly card?: string;
  readonly wait: boolean;
  readonly timeout: number;
  readonly failOnReject?: boolean;
  readonly idempotencyKey?: string;
}

type CancelFlags = Pick<Flags, 'wait' | 'timeout'>;

const words = repeated((text) => text);

export function register(program: Command, context: CommandContext): void {
  const order = program
    .command('order')
    .description('Place an order and follow it live, step by step. Without --book it asks.')
    .option('-b, --book <id>', 'a book of the catalogue, or id=quantity; may be repeated', words)
    .option('-q, --quantity <n>', 'copies of each book, 1 to 3 (default: 1)', words)
    .option('-c, --customer <id>', 'who orders (default: alice)')
    .option('-p, --pay <method>', 'visa, mastercard or paypal (default: visa)')
    .option('--card <name>', 'a test card by name or number, for example insufficient-funds')
    .option('--no-wait', 'do not follow the order, only place it')
    .addOption(timeoutOption())
    .option('--fail-on-reject', 'exit with 11 when the order is rejected')
    .option('--idempotency-key <key>', 'repeat an order of which the outcome is not known')
    .action(async (flags: Flags) => {
      const { runOrder } = await import('./order/run.ts');
      const { book: books = [], quantity: quantities = [], ...rest } = flags;
      await runOrder({ ...rest, books, quantities, timeoutMs: flags.timeout }, context);
    });
  const show = order
    .command('show')
    .description('Show one order with its timeline.')
    .argument('<id>', 'the id of the order, or its beginning or end')
    .action(async (id: string) => {
      const { runOrderShow } = await import('./order/show.ts');
      await runOrderShow({ id }, context);
    });
  const cancel = order
    .command('cancel')
    .description('Take an order back before it is shipped; what was paid is given back.')
    .argument('<id>', 'the id of the order, or its beginning or end')
    .option('--no-wait', 'do not follow it, only ask for it')
    .addOption(timeoutOption())
    .action(async (id: string, _flags: CancelFlags, command: Command) => {
      const { runOrderCancel } = await import('./order/cancel.ts');
      // The parser gives flags that `order` knows too to `order`.
      const { wait, timeout: timeoutMs } = command.optsWithGlobals<CancelFlags>();
      await runOrderCancel({ id, wait, timeoutMs }, context);
    });
  withExamples(show, [
    ['wonderland order show 9f3a41c2', 'one order, by the end of its id'],
    ['wonderland order show 9f3a41c2 --json', 'its whole timeline for another program'],
  ]);
  withExamples(cancel, [
    [
      'wonderland order cancel 9f3a41c2',
      'by the end of its id; follows it until the money is back',
    ],
    ['wonderland order cancel 9f3a41c2 --no-wait', 'only ask for it'],
  ]);
  withExamples(order, [
    ['wonderland order --book 42', "one copy of The Hitchhiker's Guide for alice, paid with Visa"],
    ['wonderland order --book 42=2 --book 7 --customer hatter', 'two books in one order'],
    ['wonderland order --book 42 --card insufficient-funds', 'a declined card: see it undone'],
    ['wonderland order cancel 9f3a41c2', 'by the end of its id: refund it before it is shipped'],
    ['wonderland order', 'ask for book, quantity, customer and payment'],
  ]);
}

function timeoutOption(): Option {
  return new Option('-t, --timeout <duration>', 'follow for at most this long')
    .argParser(duration)
    .default(30_000, '30s');
}
