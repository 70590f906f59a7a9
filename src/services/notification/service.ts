/** The notification service: a mail at every milestone of an order, and the receipt that it went out. */
import path from 'node:path';

import { required } from '../../config/settings.ts';
import {
  audit,
  audited,
  orderCancelled,
  orderConfirmed,
  orderRejected,
  orderShipped,
} from '../../contracts/notification.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import type { Part } from '../../messaging/part.ts';
import {
  onMessage,
  reply,
  startParticipant,
  type CommandHandler,
} from '../../messaging/participant.ts';
import { cancellationLetter } from './cancellation.ts';
import { countingMailer } from './counting-mailer.ts';
import { openEmlMailer } from './eml-mailer.ts';
import { invoiceLetter } from './invoice.ts';
import type { Mailer } from './mailer.ts';
import { Postman } from './postman.ts';
import { rejectionLetter } from './rejection.ts';
import { shippingNote } from './shipping-note.ts';
import { openSmtpMailer } from './smtp-mailer.ts';
import { openNotificationStore, type NotificationTx } from './store.ts';

/**
 * Serves until disposed. A mail that could not be sent stays in the queue and is tried again.
 * @throws UserError `invalid-config` without a data directory, `state-version`.
 */
export async function startNotification(part: Part): Promise<AsyncDisposable> {
  const { clock, names, settings } = part;
  const dataDir = required(settings.dataDir, 'WONDERLAND_DATA_DIR');
  const closing = new ClosingStack();
  try {
    const store = closing.use(openNotificationStore(path.join(dataDir, 'notification.db'), clock));
    const mailer = closing.use(openMailer(settings.smtpUrl, dataDir, clock));
    const participant = await startParticipant(part, {
      queue: names.queueOf('notification'),
      store,
      handlers: notificationHandlers(new Postman({ mailer: countingMailer(mailer, store), clock })),
      keepsFailed: true,
    });
    // Together: mails that wait for a slow server go back to the queue instead of holding up the part.
    closing.defer(() =>
      Promise.all([participant, mailer].map((each) => each[Symbol.asyncDispose]())),
    );
  } catch (error) {
    await closing[Symbol.asyncDispose]();
    throw error;
  }
  part.logger.log('info', 'notification serves');
  return closing;
}

function openMailer(smtpUrl: string | undefined, dataDir: string, clock: Clock): Mailer {
  return smtpUrl === undefined
    ? openEmlMailer(path.join(dataDir, 'inbox'))
    : openSmtpMailer(smtpUrl, clock);
}

function notificationHandlers(postman: Postman): readonly CommandHandler<NotificationTx>[] {
  return [
    onMessage(orderConfirmed, (order, work, message) =>
      postman.deliver(invoiceLetter(order), work, message),
    ),
    onMessage(orderRejected, (order, work, message) =>
      postman.deliver(rejectionLetter(order), work, message),
    ),
    onMessage(orderCancelled, (order, work, message) =>
      postman.deliver(cancellationLetter(order), work, message),
    ),
    onMessage(orderShipped, (order, work, message) =>
      postman.deliver(shippingNote(order), work, message),
    ),
    onMessage(audit, ({ orderIds, limit }, work) =>
      work.transact((tx) =>
        Promise.resolve(reply(audited, { mails: tx.listMails(orderIds, limit) })),
      ),
    ),
  ];
}
