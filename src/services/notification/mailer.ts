/** The way out for letters: a mail server where one is configured, else files in a local inbox. */
import { createHash } from 'node:crypto';

import type { SendMailOptions } from 'nodemailer';

import type { Letter } from './letter.ts';

const SENDER = { name: 'Wonderland Books', address: 'shop@wonderland.example' };

/** A letter with its identity and time. */
export interface Posting {
  readonly mailId: string;
  /** Milliseconds since 1970. */
  readonly sentAt: number;
  readonly letter: Letter;
}

/** Disposing gives up what waits for its turn, and may be done twice. */
export interface Mailer extends AsyncDisposable {
  /**
   * Resolves when the mail server, or the disk, has taken responsibility for the mail.
   * @throws RejectedError `given-up` when this mail is refused for good; any other Error when it was not taken, or
   * when that is not known.
   */
  send(posting: Posting): Promise<void>;
}

/** The same for every attempt at the same message, so that a mail server can drop the repeats. */
export function mailIdOf(messageId: string): string {
  return createHash('sha256').update(messageId).digest('hex').slice(0, 32);
}

export function mailOptionsOf({ mailId, sentAt, letter }: Posting): SendMailOptions {
  return {
    from: SENDER,
    to: { name: letter.to.name, address: letter.to.email },
    subject: letter.subject,
    text: letter.text,
    html: letter.html,
    messageId: `<${mailId}@wonderland.example>`,
    date: new Date(sentAt),
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Wonderland-Order': letter.orderId },
    // Nothing of a letter may make nodemailer read files or fetch addresses.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}
