/** Mails as `.eml` files in a folder that `wonderland inbox`, or any mail program, can read. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';

import MailComposer from 'nodemailer/lib/mail-composer';

import { writeDurably } from './durable-file.ts';
import { mailOptionsOf, type Mailer } from './mailer.ts';

/** One file per order and letter: a mail that is sent again after a crash replaces itself. */
export function openEmlMailer(folder: string): Mailer {
  mkdirSync(folder, { recursive: true });
  return {
    async send(posting) {
      const { orderId, template } = posting.letter;
      const source = await new MailComposer(mailOptionsOf(posting)).compile().build();
      await writeDurably(path.join(folder, `${orderId}-${template}.eml`), source);
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
