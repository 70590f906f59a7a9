/** Every delivery is carried out: nobody looks whether the message came before. In the place of messaging/participant.ts. */
import type { Part } from '../../src/messaging/part.ts';
import {
  startParticipant as right,
  type InboxTx,
  type ParticipantOptions,
} from '../../src/messaging/participant.ts';
import { overriding } from './overriding.ts';

export * from '../../src/messaging/participant.ts';

export function startParticipant<Tx extends InboxTx>(
  part: Part,
  options: ParticipantOptions<Tx>,
): Promise<AsyncDisposable> {
  const { store } = options;
  const forgetful: typeof store = {
    // Only effects have something to do before they commit; queries and intents are as they were.
    transact: (work, beforeCommit) =>
      store.transact(
        (tx) => work(beforeCommit === undefined ? tx : withoutInbox(tx)),
        beforeCommit,
      ),
  };
  return right(part, { ...options, store: forgetful });
}

function withoutInbox<Tx extends InboxTx>(tx: Tx): Tx {
  const inbox: Partial<InboxTx> = {
    findReply: () => Promise.resolve(undefined),
    saveReply: () => Promise.resolve(),
  };
  return overriding(tx, inbox as Partial<Tx>);
}
