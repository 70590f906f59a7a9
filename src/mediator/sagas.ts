/** Every version of every saga that this mediator can carry on. */
import type { SagaDefinition } from '../saga/definition.ts';
import type { OrderData } from './order-data.ts';
import { orderSagaV1 } from './order-saga-v1.ts';
import { orderSaga } from './order-saga.ts';

const SAGAS: readonly SagaDefinition<OrderData>[] = [orderSagaV1, orderSaga];

/** Hashes of all definitions that are known here; a row with another one belongs to another program. */
export const KNOWN_HASHES: readonly string[] = SAGAS.map((each) => each.hash);

/** Which definition a saga began with, as its row says it. */
export interface DefinitionReference {
  readonly definition: string;
  readonly definition_version: number;
  readonly definition_hash: string;
}

/** The definition that a saga began with; undefined when this program does not have it. */
export function sagaOf(row: DefinitionReference): SagaDefinition<OrderData> | undefined {
  return SAGAS.find(
    ({ name, version, hash }) =>
      name === row.definition && version === row.definition_version && hash === row.definition_hash,
  );
}
