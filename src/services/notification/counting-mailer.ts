/** Writes down which mails go out more than once, whoever sends them: checks of the shop ask for it. */
import type { ParticipantStore } from '../../messaging/participant.ts';
import type { Mailer } from './mailer.ts';
import type { NotificationTx } from './store.ts';

/** Mails remembered, the newest; a repeat comes soon or not at all. */
const MAX_REMEMBERED = 10_000;

/**
 * Costs nothing while each mail goes out once. What a process sent before it crashed the next one does not know:
 * that a mail is repeated then is what the shop promises, and no mistake.
 */
export function countingMailer(
  mailer: Mailer,
  store: Pick<ParticipantStore<NotificationTx>, 'transact'>,
): Mailer {
  const sent = new Set<string>();
  return {
    async send(posting) {
      await mailer.send(posting);
      const { mailId } = posting;
      // The mail is out: a failure here must not make it go out once more.
      if (sent.has(mailId))
        await store.transact(async (tx) => tx.noteRepeat(mailId)).catch(() => undefined);
      sent.add(mailId);
      const [oldest] = sent;
      if (sent.size > MAX_REMEMBERED && oldest !== undefined) sent.delete(oldest);
    },
    [Symbol.asyncDispose]: () => mailer[Symbol.asyncDispose](),
  };
}
