/** Replies of participants, as the saga engine understands them. */
import { retryLater } from '../contracts/participant.ts';
import type { IncomingMessage } from '../messaging/bus.ts';
import { givenUp } from '../messaging/dead-letter.ts';
import type { Direction, SagaEvent } from '../saga/state.ts';
import { isKeepable } from '../storage/postgres-json.ts';

/** Which command of which saga a reply belongs to. */
export interface AnsweredCommand {
  readonly sagaId: string;
  readonly step: string;
  readonly direction: Direction;
}

const COMMAND_ID = /^([0-9a-f-]{36}):([a-z-]+):(do|undo|tell)$/;

/** Read from the command's id, which the reply names; undefined when no saga sent that command. */
export function answeredCommand({ inReplyTo }: IncomingMessage): AnsweredCommand | undefined {
  const [, sagaId, step, direction] = COMMAND_ID.exec(inReplyTo ?? '') ?? [];
  if (sagaId === undefined || step === undefined) return undefined;
  return { sagaId, step, direction: direction as Direction };
}

/**
 * What the reply means to the saga.
 * @throws RejectedError `given-up` when the saga log could not keep it: its neighbours share the statement with it.
 */
export function eventOf(message: IncomingMessage, { step, direction }: AnsweredCommand): SagaEvent {
  if (!isKeepable([message.id, message.body])) {
    throw givenUp(
      `${message.type} holds half of a character, or a NUL: PostgreSQL does not keep it`,
    );
  }
  if (message.type !== retryLater.name) {
    return { kind: 'replied', step, direction, type: message.type, body: message.body };
  }
  const { afterMs, reason } = retryLater.body.parse(message.body);
  const { attempt } = message;
  return { kind: 'postponed', step, direction, attempt, afterMs, why: reason };
}
