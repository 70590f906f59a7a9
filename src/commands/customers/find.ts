/** A customer by id, or an error that names the nearest one. */
import { UserError } from '../../kernel/errors.ts';
import { suggest } from '../../kernel/suggestion.ts';
import { CustomerId } from '../../contracts/primitives.ts';
import type { CustomerDetail } from '../answers.ts';
import type { MediatorClient } from '../mediator-client.ts';

/** Enough to find a neighbour among; a shop has more customers than a hint needs. */
const NEIGHBOURS = 500;

/** @throws UserError `unknown-customer` with a suggestion. */
export async function findCustomer(client: MediatorClient, id: string): Promise<CustomerDetail> {
  if (CustomerId.safeParse(id).success) {
    try {
      return await client.customer(id);
    } catch (error) {
      if (!(error instanceof UserError) || error.code !== 'unknown-customer') throw error;
    }
  }
  const { customers } = await client.customers(NEIGHBOURS);
  const hint =
    suggest(
      id,
      customers.map((each) => each.id),
    ) ?? 'See `wonderland customers`.';
  throw new UserError('unknown-customer', `There is no customer "${id}".`, {
    hint,
    details: { customerId: id },
  });
}
