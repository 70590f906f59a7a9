/** The books of a run: enough of most, few of one, so that some orders find nothing left. */
import { booksStocked, stockBooks } from '../../src/contracts/inventory.ts';
import type { RpcClient } from '../../src/messaging/rpc-client.ts';

export interface Shelves {
  /** More copies than any load takes. */
  readonly plenty: readonly number[];
  /** Run out early. */
  readonly scarce: readonly number[];
}

const KINDS = 8;
const PLENTY = 1_000_000;
const PRICES = [900, 1_250, 2_300, 3_900];

export async function stockShelves(rpc: RpcClient, scarceCopies: number): Promise<Shelves> {
  const { bookIds } = await rpc.ask({
    service: 'inventory',
    contract: stockBooks,
    body: {
      books: Array.from({ length: KINDS }, (_, index) => ({
        title: `Chaos ${index}`,
        author: 'Nobody',
        priceCents: PRICES[index % PRICES.length] ?? 900,
        copies: isScarce(index) ? scarceCopies : PLENTY,
      })),
    },
    answer: booksStocked,
    withinMs: 10_000,
  });
  return {
    plenty: bookIds.filter((_, index) => !isScarce(index)),
    scarce: bookIds.filter((_, index) => isScarce(index)),
  };
}

function isScarce(index: number): boolean {
  return index >= KINDS - 2;
}
