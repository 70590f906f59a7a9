/** The customer service: profiles with addresses, and the order history of each customer. */
import { required } from '../../config/settings.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { startInboxPruner } from '../../messaging/inbox-pruner.ts';
import type { Part } from '../../messaging/part.ts';
import { startParticipant } from '../../messaging/participant.ts';
import { customerHandlers } from './handlers.ts';
import { openCustomerStore } from './store.ts';

/**
 * Serves until disposed.
 * @throws UserError `invalid-config` without a database URL, `database-unreachable`, `state-version`.
 */
export async function startCustomer(part: Part): Promise<AsyncDisposable> {
  const { clock, names, settings } = part;
  const url = required(settings.databaseUrl, 'WONDERLAND_DATABASE_URL');
  const closing = new ClosingStack();
  const store = closing.use(await openCustomerStore({ url, namespace: settings.namespace, clock }));
  try {
    closing.use(
      await startParticipant(part, {
        queue: names.queueOf('customer'),
        store,
        handlers: customerHandlers(clock),
      }),
    );
    closing.use(await startInboxPruner({ part, store, keepMs: settings.inboxKeepMs }));
  } catch (error) {
    await closing[Symbol.asyncDispose]();
    throw error;
  }
  part.logger.log('info', 'customer serves');
  return closing;
}
