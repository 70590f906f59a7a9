/** The broker and the database of an embedded stack as processes; started by the supervisor. */
import path from 'node:path';

import { required } from '../../config/settings.ts';
import type { CommandContext } from '../context.ts';
import { servePart } from './serve-part.ts';

/** Serves the virtual host `/` where WONDERLAND_AMQP_URL says, with its messages in the data directory. */
export async function runBroker(context: CommandContext): Promise<void> {
  const settings = await context.settings();
  const url = new URL(required(settings.amqpUrl, 'WONDERLAND_AMQP_URL'));
  const dataDir = required(settings.dataDir, 'WONDERLAND_DATA_DIR');
  const { startBroker } = await import('../../broker/broker.ts');
  await servePart('broker', context, () =>
    startBroker({
      port: Number(url.port),
      dataFile: path.join(dataDir, 'broker.db'),
      users: { [decodeURIComponent(url.username)]: decodeURIComponent(url.password) },
      clock: context.clock,
      ids: context.ids,
      log: {
        log: (level, message, fields) => {
          process.stdout.write(
            `${JSON.stringify({ at: context.clock.now(), level, message, ...fields })}\n`,
          );
        },
      },
    }),
  );
}

/** Owns a PostgreSQL server where WONDERLAND_DATABASE_URL says; the server ends with this process. */
export async function runPostgres(context: CommandContext): Promise<void> {
  const settings = await context.settings();
  const url = new URL(required(settings.databaseUrl, 'WONDERLAND_DATABASE_URL'));
  const dataDir = required(settings.dataDir, 'WONDERLAND_DATA_DIR');
  const { startPostgres } = await import('../../stack/postgres/server.ts');
  await servePart('postgres', context, () =>
    startPostgres({
      directory: path.join(dataDir, 'postgres'),
      port: Number(url.port),
      user: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      database: url.pathname.slice(1),
      clock: context.clock,
      uid: process.getuid?.() ?? 1,
      log: 'inherit',
    }),
  );
}
