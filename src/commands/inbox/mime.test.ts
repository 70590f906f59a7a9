import { expect, test } from 'vitest';

import { parseMail } from './mime.ts';

const mail = (...lines: string[]): string => lines.join('\r\n');

test('the plain text of a mail with two forms is decoded', () => {
  const source = mail(
    'From: Wonderland Books <shop@wonderland.example>',
    'Subject: =?UTF-8?Q?Your_caf=C3=A9?= =?UTF-8?B?IOKCrA==?=',
    'Content-Type: multipart/alternative;',
    ' boundary="--_x"',
    '',
    '----_x',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'Hello Al=C3=AFce, this line is =',
    'one line.',
    '----_x',
    'Content-Type: text/html; charset=utf-8',
    '',
    '<p>no</p>',
    '----_x--',
  );
  const { headers, text } = parseMail(source);
  expect(headers.get('subject')).toBe('Your café €');
  expect(text.trim()).toBe('Hello Alïce, this line is one line.');
});

test('a simple mail in base64 is decoded', () => {
  const body = Buffer.from('Grüße').toString('base64');
  const source = mail('Content-Transfer-Encoding: base64', '', body);
  expect(parseMail(source).text).toBe('Grüße');
});
