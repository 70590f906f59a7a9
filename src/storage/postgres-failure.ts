/** Why a PostgreSQL could not be used, in words: nobody listens there, or it answered and refused us. */
import { messageOf } from '../kernel/errors.ts';

export interface PostgresFailure {
  /** One sentence without a full stop; never holds the password. */
  readonly reason: string;
  /** The server answered and said no: asking again does not help. */
  readonly isFinal: boolean;
}

/** Codes that begin with 28: the server does not take this user or password. */
const LOGIN_REFUSED = /^28/;
const NO_SUCH_DATABASE = '3D000';

export function postgresFailure(databaseUrl: string, error: unknown): PostgresFailure {
  const { host, hostname, pathname, username } = new URL(databaseUrl);
  const message = messageOf(error);
  const code = codeOf(error);
  if (LOGIN_REFUSED.test(code)) {
    const user = decodeURIComponent(username);
    return { reason: `PostgreSQL at ${host} refused the login of "${user}"`, isFinal: true };
  }
  if (code === NO_SUCH_DATABASE) {
    const database = decodeURIComponent(pathname.slice(1));
    return { reason: `PostgreSQL at ${host} has no database "${database}"`, isFinal: true };
  }
  if (message.includes('ECONNREFUSED'))
    return { reason: `No PostgreSQL listens at ${host}`, isFinal: false };
  if (/ENOTFOUND|EAI_AGAIN/.test(message))
    return { reason: `There is no host "${hostname}"`, isFinal: false };
  return { reason: `PostgreSQL at ${host} does not answer: ${message}`, isFinal: false };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
