/** Reads the mails that our notification service writes: headers, and the plain text (RFC 2045, 2047, 5322). */

export interface ParsedMail {
  /** By lower-case name; encoded words are decoded. */
  readonly headers: ReadonlyMap<string, string>;
  /** Of the first text/plain part. */
  readonly text: string;
}

/** @param source bytes of the mail as latin1, so that no byte is lost. */
export function parseMail(source: string): ParsedMail {
  const { headers, body } = split(source);
  return { headers, text: textOf(headers, body) ?? '' };
}

function split(source: string): { headers: Map<string, string>; body: string } {
  const [head = '', ...rest] = source.split(/\r?\n\r?\n/);
  const headers = new Map<string, string>();
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon === -1) continue;
    headers.set(line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim()));
  }
  return { headers, body: rest.join('\n\n') };
}

function textOf(headers: ReadonlyMap<string, string>, body: string): string | undefined {
  const type = headers.get('content-type') ?? 'text/plain';
  const boundary = /boundary="?([^";]+)"?/i.exec(type)?.[1];
  if (boundary !== undefined) {
    for (const part of body.split(`--${boundary}`).slice(1)) {
      const inner = split(part.replace(/^\r?\n/, ''));
      const text = textOf(inner.headers, inner.body);
      if (text !== undefined) return text;
    }
    return undefined;
  }
  if (!type.toLowerCase().startsWith('text/plain')) return undefined;
  return utf8(decode(headers.get('content-transfer-encoding') ?? '7bit', body));
}

function decode(encoding: string, body: string): string {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return Buffer.from(body, 'base64').toString('latin1');
    case 'quoted-printable':
      return unquote(body.replaceAll(/=\r?\n/g, ''));
    default:
      return body;
  }
}

function unquote(text: string): string {
  return text.replaceAll(/=([0-9A-F]{2})/gi, (_all, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8').replaceAll('\r\n', '\n');
}

/** `=?UTF-8?Q?caf=C3=A9?=` and its base64 sister; spaces between two of them are not text. */
function decodeWords(text: string): string {
  const word = /=\?utf-8\?([qb])\?([^?]*)\?=/gi;
  return text
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(word, (_all, kind: string, content: string) =>
      utf8(
        kind.toLowerCase() === 'b'
          ? decode('base64', content)
          : unquote(content.replaceAll('_', ' ')),
      ),
    );
}
