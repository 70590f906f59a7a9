/** Mails to a real mail server, over a few kept connections. */
import { createTransport } from 'nodemailer';

import { mailOptionsOf, type Mailer } from './mailer.ts';

const MAX_CONNECTIONS = 4;
/** A server that is silent for this long counts as failed; a part must be able to close in five seconds. */
const SILENCE_MS = 4_000;

export function openSmtpMailer(url: string): Mailer {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: MAX_CONNECTIONS,
    // The caller tries again, and tells about it; a silent second try here would only hide that.
    maxRequeues: 0,
    connectionTimeout: SILENCE_MS,
    greetingTimeout: SILENCE_MS,
    socketTimeout: SILENCE_MS,
  });
  return {
    async send(posting) {
      await transport.sendMail(mailOptionsOf(posting));
    },
    [Symbol.asyncDispose]: () => {
      transport.close();
      return Promise.resolve();
    },
  };
}
