/** The inboxes of a test's shop, looked at and emptied behind the participants' backs. */
import path from 'node:path';

import Database from 'better-sqlite3';
import { Client } from 'pg';

import type { Settings } from '../../src/config/settings.ts';
import { PARTICIPANTS, type ParticipantName } from '../../src/messaging/topology.ts';
import { schemaOf } from '../../src/storage/postgres.ts';

/** Runs one statement on a participant's database, wherever that is. Answers its rows. */
export async function query<Row>(
  settings: Settings,
  participant: ParticipantName,
  sql: string,
): Promise<readonly Row[]> {
  const { databaseUrl, inventoryUrl, paymentUrl, dataDir = '', namespace } = settings;
  const url = { customer: databaseUrl, inventory: inventoryUrl, payment: paymentUrl }[participant];
  if (url === undefined) {
    const database = new Database(path.join(dataDir, `${participant}.db`), { timeout: 5_000 });
    try {
      const statement = database.prepare<[], Row>(sql);
      return statement.reader ? statement.all() : (statement.run(), []);
    } finally {
      database.close();
    }
  }
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET search_path TO ${schemaOf(namespace, participant)}`);
    return (await client.query(sql)).rows as Row[];
  } finally {
    await client.end();
  }
}

/** Ids of all messages that the participants have answered for an order, in order. */
export async function answersFor(settings: Settings, orderId: string): Promise<readonly string[]> {
  const rows = await Promise.all(
    PARTICIPANTS.map((each) =>
      query<{ message_id: string }>(
        settings,
        each,
        `SELECT message_id FROM inbox WHERE saga_id = '${orderId}'`,
      ),
    ),
  );
  return rows
    .flat()
    .map((each) => each.message_id)
    .toSorted();
}
