/** `wonderland books [search]`: the catalogue with prices and stock. */
import type { Command } from 'commander';

import { wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const books = program
    .command('books')
    .description('Show the catalogue with prices and the copies that can be ordered now.')
    .argument('[search...]', 'the id of a book, or text that its title, author or ISBN holds')
    .option('-n, --limit <n>', 'at most this many', wholeNumber('--limit', 1, 500), 100)
    .action(async (search: readonly string[], options: { readonly limit: number }) => {
      const { runBooks } = await import('./books/list.ts');
      await runBooks({ search: search.join(' '), limit: options.limit }, context);
    });
  withExamples(books, [
    ['wonderland books', 'the whole catalogue'],
    ['wonderland books 42', 'the book with this id'],
    ['wonderland books adams', 'what Douglas Adams wrote'],
  ]);
}
