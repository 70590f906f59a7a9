/** Talks to a running supervisor over its Unix socket. */
import { createConnection, type Socket } from 'node:net';

import {
  ERROR_CODES,
  OutcomeUnknownError,
  UserError,
  type ErrorCode,
} from '../../kernel/errors.ts';
import type { StackFiles } from '../stack-files.ts';
import type { StackStatus } from '../stack-status.ts';
import { LineSplitter, type SupervisorAnswer, type SupervisorRequest } from './protocol.ts';

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const CALL_TIMEOUT_MS = 3_000;

/**
 * Asks one question.
 * @throws UserError `stack-not-running` when nobody listens, or the error that the supervisor reports.
 */
export async function callSupervisor(
  files: StackFiles,
  request: Exclude<SupervisorRequest, { do: 'watch' }>,
  options: CallOptions = {},
): Promise<Extract<SupervisorAnswer, { ok: true }>> {
  const signals = [AbortSignal.timeout(options.timeoutMs ?? CALL_TIMEOUT_MS)];
  if (options.signal !== undefined) signals.push(options.signal);
  for await (const answer of converse(files, request, AbortSignal.any(signals))) {
    if (answer.ok) return answer;
    throw errorOf(answer.error);
  }
  throw new OutcomeUnknownError('The supervisor hung up without an answer');
}

/** The status now and after each change; ends when the supervisor does, or the signal aborts. */
export async function* watchSupervisor(
  files: StackFiles,
  signal: AbortSignal,
): AsyncGenerator<StackStatus> {
  for await (const answer of converse(files, { do: 'watch' }, signal)) {
    if (answer.ok && answer.status !== undefined) yield answer.status;
  }
}

async function* converse(
  files: StackFiles,
  request: SupervisorRequest,
  signal: AbortSignal,
): AsyncGenerator<SupervisorAnswer> {
  const socket = await connect(files);
  const hangUp = (): void => void socket.destroy();
  signal.addEventListener('abort', hangUp);
  try {
    if (signal.aborted) return;
    socket.setEncoding('utf8');
    socket.write(`${JSON.stringify(request)}\n`);
    const splitter = new LineSplitter();
    for await (const chunk of socket as AsyncIterable<string>) {
      for (const line of splitter.push(chunk)) yield JSON.parse(line) as SupervisorAnswer;
    }
  } catch (error) {
    if (!signal.aborted && (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  } finally {
    signal.removeEventListener('abort', hangUp);
    socket.destroy();
  }
}

function connect(files: StackFiles): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(files.socket);
    socket.once('connect', () => resolve(socket.off('error', fail)));
    socket.once('error', fail);
    function fail(cause: Error): void {
      reject(
        new UserError('stack-not-running', `The stack "${files.name}" is not running`, {
          hint: 'Start it with `wonderland up`.',
          cause,
        }),
      );
    }
  });
}

function errorOf(error: { code: string; message: string; hint?: string }): UserError {
  const code = error.code in ERROR_CODES ? (error.code as ErrorCode) : 'bug';
  return new UserError(code, error.message, error.hint === undefined ? {} : { hint: error.hint });
}
