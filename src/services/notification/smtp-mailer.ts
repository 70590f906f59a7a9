/** Mails to a real mail server, over a few kept connections. */
import { createTransport } from 'nodemailer';

import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import { givenUp } from '../../messaging/dead-letter.ts';
import { mailOptionsOf, type Mailer } from './mailer.ts';

const MAX_CONNECTIONS = 4;
const CONNECT_WITHIN_MS = 5_000;
/** Mail servers may keep strangers waiting on purpose; one that is silent for longer counts as failed. */
const SILENCE_MS = 30_000;
/** What is being sent when the part closes may end well within this; then it is cut off, to be sent again. */
const GRACE_MS = 2_000;

export function openSmtpMailer(url: string, clock: Clock): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    // The caller tries again, and tells about it; a silent second try here would only hide that.
    maxRequeues: 0,
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
  });
  return {
    async send(posting) {
      try {
        await transport.sendMail(mailOptionsOf(posting));
      } catch (error) {
        throw isFinal(error) ? givenUp(`the mail is refused: ${messageOf(error)}`, error) : error;
      }
    },
    [Symbol.asyncDispose]: () => {
      transport.close();
      clock.after(GRACE_MS, () => transport.close({ force: true }), { weak: true });
      return Promise.resolve();
    },
  };
}

/**
 * RFC 5321 §4.2.1: a reply of 5yz means not to try the same again. Only about this mail or its recipient: a
 * login that is refused is about us, and somebody will put it right.
 */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, responseCode = 0 } = error as { code?: string; responseCode?: number };
  const isAboutMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  return isAboutMail && responseCode >= 500 && responseCode < 600;
}
