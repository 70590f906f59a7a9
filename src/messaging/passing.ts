/** What is known of whatever passes a point: a message from the broker, or an order that came over HTTP. */
import type { IncomingMessage, RawMessage } from './bus.ts';
import { headersOf } from './dead-letter.ts';

export type Passing = Pick<
  IncomingMessage,
  'type' | 'id' | 'run' | 'correlationId' | 'traceparent'
> &
  Partial<Pick<IncomingMessage, 'attempt'>> & {
    /** The broker had handed it over before. */
    readonly redelivered?: boolean;
  };

/** What a recording has to know of a message. */
export type Named = Pick<Passing, 'type' | 'id' | 'run'>;

/** What the bytes of a message that nobody can read still say. */
export function readableOf(raw: RawMessage): Named {
  const { type, messageId } = raw.properties;
  const { run } = headersOf(raw);
  return {
    type: typeof type === 'string' ? type : '',
    id: typeof messageId === 'string' ? messageId : '',
    run: typeof run === 'string' ? run : undefined,
  };
}
