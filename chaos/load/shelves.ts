/** The books of a run: enough of most, few of some, so that some orders find nothing left. */
import { booksStocked, stockBooks } from '../../src/contracts/inventory.ts';
import type { RpcClient } from '../../src/messaging/rpc-client.ts';

export interface Shelves {
  /** More copies than any load takes. */
  readonly plenty: readonly number[];
  /** Run out early. */
  readonly scarce: readonly number[];
}

/** Of every book. */
export const PRICE_CENTS = 1_250;

const PLENTY = 1_000_000;
const KINDS_OF_PLENTY = 6;
const KINDS_OF_SCARCE = 2;

export async function stockShelves(rpc: RpcClient, scarceCopies: number): Promise<Shelves> {
  const { bookIds } = await rpc.ask({
    service: 'inventory',
    contract: stockBooks,
    body: {
      books: Array.from({ length: KINDS_OF_PLENTY + KINDS_OF_SCARCE }, (_, index) => ({
        title: `Chaos ${index}`,
        author: 'Nobody',
        priceCents: PRICE_CENTS,
        copies: index < KINDS_OF_PLENTY ? PLENTY : scarceCopies,
      })),
    },
    answer: booksStocked,
    withinMs: 10_000,
  });
  return { plenty: bookIds.slice(0, KINDS_OF_PLENTY), scarce: bookIds.slice(KINDS_OF_PLENTY) };
}
