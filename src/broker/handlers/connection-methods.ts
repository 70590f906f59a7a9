/** connection.*: login, tuning, opening a virtual host, closing. */
import type { MethodArgs, MethodName } from '../codec/methods.ts';
import type { FieldTable } from '../codec/field-table.ts';
import { ProtocolError } from '../errors.ts';
import { hasCapability, isTuningAccepted, readCredentials, TUNING } from '../handshake.ts';
import type { Services } from '../services.ts';
import type { VirtualHost } from '../vhost.ts';

/** How far a connection has come; each phase accepts its own methods. */
export type Phase = 'header' | 'starting' | 'tuning' | 'opening' | 'running' | 'closing' | 'closed';

/** The connection as its methods see it. */
export interface Session {
  readonly services: Services;
  phase: Phase;
  user: string;
  clientProperties: FieldTable;
  send<Name extends MethodName>(channel: number, name: Name, args: MethodArgs<Name>): void;
  /** The client has chosen its limits. */
  tune(limits: MethodArgs<'connection.tune-ok'>): void;
  /** The handshake is over. */
  open(vhost: VirtualHost): void;
  /** Tells the client why the connection ends. */
  close(error: ProtocolError): void;
  /** Sends what is pending and ends the connection. */
  hangUp(): void;
}

type Handlers = {
  readonly [Name in MethodName]?: (session: Session, args: MethodArgs<Name>) => void;
};

/** Methods a client may send on channel 0. */
export const CONNECTION_METHODS: Handlers = {
  'connection.start-ok': login,
  'connection.tune-ok': tune,
  'connection.open': open,
  'connection.close': close,
  'connection.close-ok': (session) => session.hangUp(),
  'connection.update-secret': updateSecret,
};

function expectPhase(session: Session, phase: Phase): void {
  if (session.phase === phase) return;
  const text = `unexpected method in connection state ${session.phase}`;
  throw new ProtocolError('channel-error', text);
}

function login(session: Session, args: MethodArgs<'connection.start-ok'>): void {
  expectPhase(session, 'starting');
  session.clientProperties = args.clientProperties;
  const credentials = readCredentials(args);
  // RabbitMQ hangs up on a mechanism it did not offer, and so do we.
  if (credentials === undefined) return session.hangUp();
  if (!session.services.authenticate(credentials.user, credentials.password)) {
    return refuseLogin(session, args.mechanism);
  }
  session.user = credentials.user;
  session.phase = 'tuning';
  session.send(0, 'connection.tune', TUNING);
}

/** Only clients that announced it expect a close method before they are authenticated. */
function refuseLogin(session: Session, mechanism: string): void {
  if (!hasCapability(session.clientProperties, 'authentication_failure_close')) {
    return session.hangUp();
  }
  const text = `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`;
  session.close(new ProtocolError('access-refused', text, { closes: 'connection' }));
}

function tune(session: Session, args: MethodArgs<'connection.tune-ok'>): void {
  expectPhase(session, 'tuning');
  if (!isTuningAccepted(args)) return session.hangUp();
  session.phase = 'opening';
  session.tune(args);
}

function open(session: Session, { virtualHost }: MethodArgs<'connection.open'>): void {
  expectPhase(session, 'opening');
  const vhost = session.services.vhosts.get(virtualHost);
  if (vhost === undefined) {
    throw new ProtocolError('not-allowed', `vhost ${virtualHost} not found`);
  }
  session.open(vhost);
  session.send(0, 'connection.open-ok', { knownHosts: '' });
}

function close(session: Session): void {
  session.send(0, 'connection.close-ok', {});
  session.hangUp();
}

function updateSecret(session: Session): void {
  expectPhase(session, 'running');
  session.send(0, 'connection.update-secret-ok', {});
}
