/** Every message of the system, by name and version: what the docs are generated from and decoding looks up. */
import * as customer from './customer.ts';
import * as faults from './faults.ts';
import * as inventory from './inventory.ts';
import * as logs from './logs.ts';
import * as mediator from './mediator.ts';
import type { Contract } from './message.ts';
import * as notification from './notification.ts';
import * as orders from './orders.ts';
import * as participant from './participant.ts';
import * as payment from './payment.ts';

function isContract(value: unknown): value is Contract {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    'kind' in value &&
    'body' in value
  );
}

/** All contracts in order of name and version. */
export const CONTRACTS: readonly Contract[] = [
  inventory,
  payment,
  customer,
  notification,
  logs,
  orders,
  mediator,
  participant,
  faults,
]
  .flatMap((module) => Object.values(module).filter(isContract))
  .toSorted((a, b) => a.name.localeCompare(b.name) || a.version - b.version);

const byKey = new Map(
  CONTRACTS.map((contract) => [`${contract.name}/${contract.version}`, contract]),
);

/** The contract of a name and version, or undefined when nobody ever published it. */
export function findContract(name: string, version: number): Contract | undefined {
  return byKey.get(`${name}/${version}`);
}
