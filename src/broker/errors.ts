/**
 * Refusals as AMQP 0-9-1 knows them, with RabbitMQ's texts. They go over the wire to a client library,
 * never to a person, so they are not of the families in `kernel/errors.ts`.
 */

const REPLIES = {
  'connection-forced': { code: 320, name: 'CONNECTION_FORCED', closes: 'connection' },
  'access-refused': { code: 403, name: 'ACCESS_REFUSED', closes: 'channel' },
  'not-found': { code: 404, name: 'NOT_FOUND', closes: 'channel' },
  'resource-locked': { code: 405, name: 'RESOURCE_LOCKED', closes: 'channel' },
  'precondition-failed': { code: 406, name: 'PRECONDITION_FAILED', closes: 'channel' },
  'frame-error': { code: 501, name: 'FRAME_ERROR', closes: 'connection' },
  'command-invalid': { code: 503, name: 'COMMAND_INVALID', closes: 'connection' },
  'channel-error': { code: 504, name: 'CHANNEL_ERROR', closes: 'connection' },
  'unexpected-frame': { code: 505, name: 'UNEXPECTED_FRAME', closes: 'connection' },
  'resource-error': { code: 506, name: 'RESOURCE_ERROR', closes: 'connection' },
  'not-allowed': { code: 530, name: 'NOT_ALLOWED', closes: 'connection' },
  'not-implemented': { code: 540, name: 'NOT_IMPLEMENTED', closes: 'connection' },
  'internal-error': { code: 541, name: 'INTERNAL_ERROR', closes: 'connection' },
} as const;

export type ReplyName = keyof typeof REPLIES;

/** Closes the channel or the connection it happened on, with this code and text. */
export class ProtocolError extends Error {
  readonly code: number;
  readonly closes: 'channel' | 'connection';
  /** Class and method id when they are not those of the method at hand (0.0 for frame errors). */
  readonly culprit: { readonly classId: number; readonly methodId: number } | undefined;

  constructor(
    reply: ReplyName,
    text: string,
    options: { culprit?: { classId: number; methodId: number }; closes?: 'connection' } = {},
  ) {
    super(`${REPLIES[reply].name} - ${text}`);
    this.code = REPLIES[reply].code;
    this.closes = options.closes ?? REPLIES[reply].closes;
    this.culprit = options.culprit;
  }
}

/** The name of a thing in a virtual host as error texts have it. */
export function describe(kind: 'queue' | 'exchange', name: string, vhost: string): string {
  return `${kind} '${name}' in vhost '${vhost}'`;
}

export function notFound(kind: 'queue' | 'exchange', name: string, vhost: string): ProtocolError {
  return new ProtocolError('not-found', `no ${describe(kind, name, vhost)}`);
}

export function resourceLocked(queue: string, vhost: string): ProtocolError {
  return new ProtocolError(
    'resource-locked',
    `cannot obtain exclusive access to locked ${describe('queue', queue, vhost)}. It could be originally ` +
      'declared on another connection or the exclusive property value does not match that of the original declaration.',
  );
}

export function defaultExchangeRefused(): ProtocolError {
  return new ProtocolError('access-refused', 'operation not permitted on the default exchange');
}

export function unknownDeliveryTag(tag: number): ProtocolError {
  return new ProtocolError('precondition-failed', `unknown delivery tag ${tag}`);
}
