/** The payment service: charges an order once, and gives its money back when asked. */
import path from 'node:path';

import { required } from '../../config/settings.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { startParticipant } from '../../messaging/participant.ts';
import type { Part } from '../../messaging/part.ts';
import { openSqlite } from '../../storage/sqlite.ts';
import { paymentHandlers } from './handlers.ts';
import { MIGRATIONS } from './migrations.ts';
import { SimulatedProvider } from './simulated-provider.ts';
import { SqlitePaymentStore } from './sqlite-store.ts';

/**
 * Serves `payment.commands` from `<dataDir>/payment.db` until disposed; charges in hand are finished first.
 * @throws UserError `invalid-config` without a data directory, `state-version` when a newer program wrote it.
 */
export async function startPayment(part: Part): Promise<AsyncDisposable> {
  const { clock, ids, names, settings } = part;
  const file = path.join(required(settings.dataDir, 'WONDERLAND_DATA_DIR'), 'payment.db');
  await using opening = new ClosingStack();
  const database = openSqlite({ file, migrations: MIGRATIONS, clock });
  const store = opening.use(new SqlitePaymentStore(database, clock));
  const provider = new SimulatedProvider({ store: store.provider, clock, ids });
  opening.use(
    await startParticipant(part, {
      queue: names.queueOf('payment'),
      store,
      handlers: paymentHandlers(provider),
    }),
  );
  return opening.move();
}
