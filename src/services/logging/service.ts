/** The logging service: stores what every part says, so that `logs` and `trace` can find it. */
import path from 'node:path';

import { required } from '../../config/settings.ts';
import { audit, audited, records } from '../../contracts/logs.ts';
import type { BodyOf } from '../../contracts/message.ts';
import { ping, pong } from '../../contracts/participant.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import type { IncomingMessage, OutgoingMessage } from '../../messaging/bus.ts';
import { startHandler, type HandlerOptions } from '../../messaging/handler.ts';
import type { Part } from '../../messaging/part.ts';
import { answerLater, answerTo, reply } from '../../messaging/participant.ts';
import { RpcClient } from '../../messaging/rpc-client.ts';
import { CalmLogger } from './calm-logger.ts';
import { SagaLogReader } from './saga-log-reader.ts';
import { openLogStore, type LogStore } from './store.ts';

/** Messages in hand at once: each may hold two hundred records. */
const PREFETCH = 64;
const COMPLAIN_EVERY_MS = 5_000;

/**
 * Serves until disposed. What can't be stored stays in the queue and is tried again.
 * @throws UserError `invalid-config` without a data directory, `state-version`.
 */
export async function startLogging(part: Part): Promise<AsyncDisposable> {
  const { clock, logger, names, settings } = part;
  const dataDir = required(settings.dataDir, 'WONDERLAND_DATA_DIR');
  const closing = new ClosingStack();
  const store = closing.use(openLogStore({ file: path.join(dataDir, 'logs.db'), clock }));
  const calmPart = { ...part, logger: new CalmLogger(logger, clock, COMPLAIN_EVERY_MS) };
  try {
    closing.use(
      await startHandler(calmPart, {
        queue: names.queueOf('logging'),
        prefetch: PREFETCH,
        handle: handlerOf(store, calmPart),
        isRecorded: false,
        // Who asks is told why nothing is stored; records are kept and tried again.
        onError: (message, error) =>
          message.type === records.name ? undefined : answerLater(message, error),
      }),
    );
    const rpc = closing.use(await RpcClient.open(part));
    closing.use(new SagaLogReader({ store, rpc, clock, logger: calmPart.logger }));
  } catch (error) {
    await closing[Symbol.asyncDispose]();
    throw error;
  }
  logger.log('info', 'logging serves');
  return closing;
}

function handlerOf(store: LogStore, { logger, service }: Part): HandlerOptions['handle'] {
  return async (message, { beforeCommit }) => {
    if (message.type === ping.name) return answerPing(message, store, service);
    if (message.type === audit.name) {
      const { orderIds } = audit.body.parse(message.body);
      const answer = reply(audited, { orders: await store.countEntries(orderIds) });
      return [answerTo(message, answer)].filter((each) => each !== undefined);
    }
    if (message.type === records.name) {
      // The handler wrapper has checked the body against this contract.
      await store.add((message.body as BodyOf<typeof records>).records, beforeCommit);
    } else {
      logger.log('warn', `${service} does not know ${message.type}; it is dropped`);
    }
    return [];
  };
}

async function answerPing(
  message: IncomingMessage,
  store: LogStore,
  service: string,
): Promise<OutgoingMessage[]> {
  await store.probe();
  const { nonce } = ping.body.parse(message.body);
  return [answerTo(message, reply(pong, { nonce, service }))].filter((each) => each !== undefined);
}
