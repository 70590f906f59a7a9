/** Removes what a stack left on servers that are not its own: queues, exchanges and schemas of its namespace. */
import { connect } from 'amqplib';
import { Client, escapeIdentifier } from 'pg';

import { messageOf, UserError } from '../kernel/errors.ts';
import { deleteTopology, namesOf } from '../messaging/topology.ts';
import { schemaOf } from '../storage/postgres.ts';
import type { Endpoints } from './stack-status.ts';

/** Parts that keep a schema of their own in PostgreSQL. */
const SCHEMA_OWNERS = ['mediator', 'customer', 'inventory', 'payment'] as const;
const CONNECT_LIMIT_MS = 5_000;

type Place = Pick<Endpoints, 'amqpUrl' | 'databaseUrl' | 'namespace'>;

/** Schemas that belong to a namespace. */
export function schemasOf(namespace: string): readonly string[] {
  return SCHEMA_OWNERS.map((owner) => schemaOf(namespace, owner));
}

/** Harmless when there is nothing. @throws UserError `broker-unreachable` or `database-unreachable` */
export async function removeExternal(place: Place): Promise<void> {
  await removeQueues(place);
  await removeSchemas(place);
}

async function removeQueues({ amqpUrl, namespace }: Place): Promise<void> {
  const connection = await connect(amqpUrl, { timeout: CONNECT_LIMIT_MS }).catch(
    (cause: unknown) => {
      throw new UserError('broker-unreachable', `The broker does not answer: ${messageOf(cause)}`, {
        hint: 'Start it, or check WONDERLAND_AMQP_URL, and try again.',
        cause,
      });
    },
  );
  try {
    await deleteTopology(await connection.createChannel(), namesOf(namespace));
  } finally {
    await connection.close();
  }
}

async function removeSchemas({ databaseUrl, namespace }: Place): Promise<void> {
  const client = new Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
  });
  try {
    await client.connect();
    for (const schema of schemasOf(namespace)) {
      await client.query(`DROP SCHEMA IF EXISTS ${escapeIdentifier(schema)} CASCADE`);
    }
  } catch (cause) {
    throw new UserError('database-unreachable', `PostgreSQL did not answer: ${messageOf(cause)}`, {
      hint: 'Start it, or check WONDERLAND_DATABASE_URL, and try again.',
      cause,
    });
  } finally {
    await client.end().catch(() => undefined);
  }
}
