/** Reads a mail back as a mail program would: headers, and each part decoded. */

export interface ParsedMail {
  /** By lower-case name, unfolded. */
  readonly headers: ReadonlyMap<string, string>;
  /** The `text/plain` part. */
  readonly text: string;
  /** The `text/html` part. */
  readonly html: string;
}

interface Entity {
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export function parseMail(source: string): ParsedMail {
  const { headers, body } = parseEntity(source);
  const boundary = /boundary="?([^";]+)"?/.exec(headers.get('content-type') ?? '')?.[1];
  if (boundary === undefined) throw new Error('the mail has no parts');
  const parts = body
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => parseEntity(part.replace(/^\r\n/, '')));
  const partOf = (type: string): string => {
    const part = parts.find((each) => each.headers.get('content-type')?.startsWith(type));
    return part === undefined ? '' : decodeBody(part);
  };
  return { headers, text: partOf('text/plain'), html: partOf('text/html') };
}

function parseEntity(source: string): Entity {
  const end = source.indexOf('\r\n\r\n');
  const lines = source
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { headers: new Map(headers), body: source.slice(end + 4) };
}

function decodeBody({ headers, body }: Entity): string {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
  const bytes =
    encoding === 'base64'
      ? Buffer.from(body, 'base64')
      : encoding === 'quoted-printable'
        ? Buffer.from(unquote(body), 'latin1')
        : Buffer.from(body, 'utf8');
  return bytes.toString('utf8').replaceAll('\r\n', '\n');
}

/** RFC 2045 §6.7, to one character per byte. */
function unquote(body: string): string {
  return body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
