/** connection.*: login, tuning, opening a virtual host, closing. */
import type { MethodArgs, MethodName } from '../codec/methods.ts';
import type { Connection, Phase } from '../connection.ts';
import { ProtocolError } from '../errors.ts';
import { hasCapability, isTuningAccepted, readCredentials, TUNING } from '../handshake.ts';

type Handlers = {
  readonly [Name in MethodName]?: (connection: Connection, args: MethodArgs<Name>) => void;
};

/** Methods a client may send on channel 0. */
export const CONNECTION_METHODS: Handlers = {
  'connection.start-ok': login,
  'connection.tune-ok': tune,
  'connection.open': open,
  'connection.close': close,
  'connection.close-ok': (connection) => connection.hangUp(),
  'connection.update-secret': updateSecret,
};

function expectPhase(connection: Connection, phase: Phase): void {
  if (connection.phase === phase) return;
  const text = `unexpected method in connection state ${connection.phase}`;
  throw new ProtocolError('channel-error', text);
}

function login(connection: Connection, args: MethodArgs<'connection.start-ok'>): void {
  expectPhase(connection, 'starting');
  connection.clientProperties = args.clientProperties;
  const credentials = readCredentials(args);
  // RabbitMQ hangs up on a mechanism it did not offer, and so do we.
  if (credentials === undefined) return connection.hangUp();
  if (!connection.services.authenticate(credentials.user, credentials.password)) {
    return refuseLogin(connection, args.mechanism);
  }
  connection.user = credentials.user;
  connection.phase = 'tuning';
  connection.send(0, 'connection.tune', TUNING);
}

/** Only clients that announced it expect a close method before they are authenticated. */
function refuseLogin(connection: Connection, mechanism: string): void {
  if (!hasCapability(connection.clientProperties, 'authentication_failure_close')) {
    return connection.hangUp();
  }
  const text = `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`;
  connection.close(new ProtocolError('access-refused', text, { closes: 'connection' }));
}

function tune(connection: Connection, args: MethodArgs<'connection.tune-ok'>): void {
  expectPhase(connection, 'tuning');
  if (!isTuningAccepted(args)) return connection.hangUp();
  connection.phase = 'opening';
  connection.tune(args);
}

function open(connection: Connection, { virtualHost }: MethodArgs<'connection.open'>): void {
  expectPhase(connection, 'opening');
  const vhost = connection.services.vhosts.get(virtualHost);
  if (vhost === undefined) {
    throw new ProtocolError('not-allowed', `vhost ${virtualHost} not found`);
  }
  connection.open(vhost);
  connection.send(0, 'connection.open-ok', { knownHosts: '' });
}

function close(connection: Connection): void {
  connection.send(0, 'connection.close-ok', {});
  connection.hangUp();
}

function updateSecret(connection: Connection): void {
  expectPhase(connection, 'running');
  connection.send(0, 'connection.update-secret-ok', {});
}
