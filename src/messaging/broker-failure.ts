/** Why a broker could not be used, in words: nobody listens there, or it answered and refused us. */
import { messageOf } from '../kernel/errors.ts';

export interface BrokerFailure {
  /** One sentence without a full stop; never holds the password. */
  readonly reason: string;
  /** The broker answered and said no: asking again does not help. */
  readonly isFinal: boolean;
}

/** Reads the errors of the socket and of amqplib's handshake, which carry the broker's reply as text. */
export function brokerFailure(amqpUrl: string, error: unknown): BrokerFailure {
  const url = new URL(amqpUrl);
  const message = messageOf(error);
  const user = decodeURIComponent(url.username) || 'guest';
  const vhost = decodeURIComponent(url.pathname.slice(1)) || '/';
  const final = (reason: string): BrokerFailure => ({ reason, isFinal: true });
  if (message.includes('ACCESS_REFUSED') || message.includes('ACCESS-REFUSED'))
    return final(`The broker at ${url.host} refused the login of "${user}"`);
  // A close instead of the last word of the handshake, which opens the virtual host; amqplib drops why.
  if (message.startsWith('Expected ConnectionOpenOk'))
    return final(
      `The broker at ${url.host} has no virtual host "${vhost}", or "${user}" may not use it`,
    );
  return { reason: waitingReason(url, message), isFinal: false };
}

function waitingReason({ host, hostname }: URL, message: string): string {
  if (message.includes('ECONNREFUSED')) return `No broker listens at ${host}`;
  if (/ENOTFOUND|EAI_AGAIN/.test(message)) return `There is no host "${hostname}"`;
  if (message.includes('ETIMEDOUT')) return `The broker at ${host} does not answer`;
  return `The broker at ${host} does not answer: ${message}`;
}
