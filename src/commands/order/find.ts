/** An order by id, its beginning or its end, or an error that says where ids come from. */
import type { OrderDetail } from '../../contracts/orders.ts';
import { UserError } from '../../kernel/errors.ts';
import type { MediatorClient } from '../mediator-client.ts';

/** As long as the mediator wants it, to be one order's alone. `…` stands before ids that a table cut. */
const ID = /^[0-9a-f-]{6,36}$/;

/** @throws UserError `unknown-order` */
export async function findOrder(client: MediatorClient, typed: string): Promise<OrderDetail> {
  const id = typed.trim().replace(/^…/, '').toLowerCase();
  if (ID.test(id)) return client.order(id).catch((error: unknown) => explain(error, client, id));
  throw new UserError('unknown-order', `"${typed}" is not the id of an order.`, {
    hint: 'Write an id of `wonderland orders`, or at least its last 6 characters.',
    details: { order: typed },
  });
}

/** Orders that a mistyped id is compared with. */
const NEWEST = 200;
/** One wrong character in six is a slip, and never more than three: ids of one minute begin alike. */
const CHARACTERS_PER_SLIP = 6;
const MAX_SLIPS = 3;

/** For an id that nobody knows: the order that was probably meant. */
async function explain(failure: unknown, client: MediatorClient, id: string): Promise<never> {
  if (!(failure instanceof UserError) || failure.code !== 'unknown-order') throw failure;
  const newest = await client.orders({ limit: NEWEST }).catch(() => []);
  const slips = Math.min(MAX_SLIPS, Math.floor(id.length / CHARACTERS_PER_SLIP));
  const meant = newest.find((each) => differences(id, each.id.slice(-id.length)) <= slips);
  if (meant === undefined) throw failure;
  throw new UserError('unknown-order', failure.message, {
    hint: `Did you mean ${meant.id}?`,
    details: { ...failure.details, order: id },
    cause: failure,
  });
}

function differences(a: string, b: string): number {
  return a.split('').filter((character, index) => character !== b[index]).length;
}
