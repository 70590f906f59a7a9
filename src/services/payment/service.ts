/** The payment service: charges an order once, and gives its money back when asked. */
import path from 'node:path';

import { required } from '../../config/settings.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { startInboxPruner } from '../../messaging/inbox-pruner.ts';
import { startParticipant } from '../../messaging/participant.ts';
import type { Part } from '../../messaging/part.ts';
import { openSqlite } from '../../storage/sqlite.ts';
import { paymentHandlers } from './handlers.ts';
import { MIGRATIONS } from './migrations.ts';
import { openPostgresPayment } from './postgres/store.ts';
import { SimulatedProvider } from './simulated-provider.ts';
import { SqlitePaymentStore } from './sqlite-store.ts';
import type { PaymentStore } from './store.ts';

/**
 * Serves `payment.commands` until disposed, from the PostgreSQL of WONDERLAND_PAYMENT_URL or else from
 * `<dataDir>/payment.db`; charges in hand are finished first.
 * @throws UserError `invalid-config` without a place for its data, `database-unreachable`, `state-version` when a
 *   newer program wrote it.
 */
export async function startPayment(part: Part): Promise<AsyncDisposable> {
  const { clock, ids, names } = part;
  await using opening = new ClosingStack();
  const store = opening.use(await openStore(part));
  const provider = new SimulatedProvider({ store: store.provider, clock, ids });
  opening.use(
    await startParticipant(part, {
      queue: names.queueOf('payment'),
      store,
      handlers: paymentHandlers(provider),
    }),
  );
  opening.use(await startInboxPruner({ part, store, keepMs: part.settings.inboxKeepMs }));
  return opening.move();
}

async function openStore({ settings, clock }: Part): Promise<PaymentStore> {
  const { paymentUrl: url, namespace, dataDir } = settings;
  if (url !== undefined) return openPostgresPayment({ url, namespace, clock });
  const file = path.join(required(dataDir, 'WONDERLAND_DATA_DIR'), 'payment.db');
  return new SqlitePaymentStore(openSqlite({ file, migrations: MIGRATIONS, clock }), clock);
}
