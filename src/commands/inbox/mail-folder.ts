/** The stack's inbox: a folder of `.eml` files, one for each mail. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import type { Settings } from '../../config/settings.ts';
import type { Mail } from '../../contracts/notification.ts';
import { endpointsOf } from '../stack-place.ts';
import { parseMail } from './mime.ts';

export interface KeptMail extends Mail {
  readonly text: string;
}

/** More than anybody reads; a stack that sent more is looked at with --order. */
const LIMIT = 5_000;
const FILE = /^([0-9a-f-]{36})-([a-z-]+)\.eml$/;

/** Mails in the folder, newest first; none when there is no folder. */
export async function readInbox(settings: Settings): Promise<readonly KeptMail[]> {
  const folder = endpointsOf(settings).inboxDir;
  const names = await readdir(folder).catch(() => []);
  const files = names
    .filter((name) => FILE.test(name))
    .toSorted()
    .slice(-LIMIT);
  const mails = await Promise.all(files.map((name) => readMail(path.join(folder, name))));
  return mails.toSorted((a, b) => b.sentAt - a.sentAt);
}

async function readMail(file: string): Promise<KeptMail> {
  const [, orderId = '', template = ''] = FILE.exec(path.basename(file)) ?? [];
  const { headers, text } = parseMail(await readFile(file, 'latin1'));
  const header = (name: string): string => headers.get(name) ?? '';
  return {
    id: /^<([^@>]+)/.exec(header('message-id'))?.[1] ?? path.basename(file),
    orderId,
    template,
    to: /<([^>]+)>/.exec(header('to'))?.[1] ?? header('to'),
    subject: header('subject'),
    sentAt: Date.parse(header('date')) || 0,
    text,
  };
}
