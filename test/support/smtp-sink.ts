/** A mail server for tests: speaks enough SMTP over a real socket, keeps what it got, and can be moody. */
import { createServer, type AddressInfo, type Socket } from 'node:net';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  /** Headers and body as sent, dots unstuffed, lines ended by CRLF. */
  readonly source: string;
}

interface Session {
  from: string;
  to: string[];
  /** Lines of the mail, while it is being sent. */
  data: string[] | undefined;
}

export class SmtpSink implements AsyncDisposable {
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();
  readonly received: ReceivedMail[] = [];
  /** How many of the next mails are refused with a temporary failure after their data. */
  refuseNext = 0;
  /** Recipients that are refused for good. */
  readonly unknown = new Set<string>();
  /** How often one of them was asked for. */
  refusals = 0;
  /** Takes connections and says nothing, not even hello. */
  isSilent = false;

  private constructor() {}

  static async open(): Promise<SmtpSink> {
    const sink = new SmtpSink();
    await new Promise<void>((resolve) => sink.#server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.setEncoding('utf8');
    const session: Session = { from: '', to: [], data: undefined };
    let rest = '';
    socket.on('data', (chunk) => {
      const lines = (rest + String(chunk)).split('\r\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const answer = this.#answer(session, line);
        if (answer !== undefined) socket.write(`${answer}\r\n`);
        if (answer?.startsWith('221') === true) socket.end();
      }
    });
    if (!this.isSilent) socket.write('220 sink.example ESMTP\r\n');
  }

  #answer(session: Session, line: string): string | undefined {
    if (session.data !== undefined) return this.#takeData(session, session.data, line);
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'EHLO' || verb === 'HELO') return '250 sink.example';
    if (verb === 'MAIL') {
      Object.assign(session, { from: addressIn(line), to: [] });
      return '250 ok';
    }
    if (verb === 'RCPT') {
      if (this.unknown.has(addressIn(line))) {
        this.refusals++;
        return '550 5.1.1 no such user here';
      }
      session.to.push(addressIn(line));
      return '250 ok';
    }
    if (verb === 'DATA') {
      session.data = [];
      return '354 go on, end with a dot';
    }
    if (verb === 'QUIT') return '221 bye';
    return verb === 'RSET' || verb === 'NOOP' ? '250 ok' : '502 not implemented';
  }

  #takeData(session: Session, data: string[], line: string): string | undefined {
    if (line !== '.') {
      data.push(line.startsWith('.') ? line.slice(1) : line);
      return undefined;
    }
    session.data = undefined;
    if (this.refuseNext > 0) {
      this.refuseNext--;
      return '451 not now';
    }
    this.received.push({ from: session.from, to: [...session.to], source: data.join('\r\n') });
    return '250 taken';
  }
}

function addressIn(line: string): string {
  return /<([^>]*)>/.exec(line)?.[1] ?? '';
}
