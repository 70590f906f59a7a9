/** The changes of a supervisor in the same process, as a stream. */
import { EventEmitter, on } from 'node:events';

import type { StackStatus } from '../stack-status.ts';
import type { Supervisor } from './supervisor.ts';

/** The status now and after each change; ends when the stack has stopped or the signal aborts. */
export async function* statusesOf(
  supervisor: Supervisor,
  signal: AbortSignal,
): AsyncGenerator<StackStatus> {
  const emitter = new EventEmitter();
  const changes = on(emitter, 'status', { signal, close: ['end'] });
  const unwatch = supervisor.watch((status) => {
    emitter.emit('status', status);
    if (status.state === 'stopped') emitter.emit('end');
  });
  try {
    for await (const [status] of changes) yield status as StackStatus;
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    unwatch();
  }
}
