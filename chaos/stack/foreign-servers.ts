/** Removes the namespace of a run from servers that are not its own. */
import { connect } from 'amqplib';

import { deleteTopology, namesOf } from '../../src/messaging/topology.ts';
import { schemasOf } from '../../src/stack/remove-external.ts';
import { dropSchemas } from '../../src/storage/postgres.ts';
import type { Place } from './chaos-stack.ts';

export async function removeQueues({ amqpUrl, namespace }: Place): Promise<void> {
  const connection = await connect(amqpUrl);
  try {
    await deleteTopology(await connection.createChannel(), namesOf(namespace));
  } finally {
    await connection.close();
  }
}

export async function removeSchemas({ databaseUrl, namespace }: Place): Promise<void> {
  await dropSchemas(databaseUrl, schemasOf(namespace));
}
