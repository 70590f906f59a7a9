/** The status of a stack as it changes: pushed while it starts, asked for once it runs. */
import type { Clock } from '../kernel/clock.ts';
import type { StackFiles } from './stack-files.ts';
import type { StackStatus } from './stack-status.ts';
import { callSupervisor, watchSupervisor } from './supervisor/socket-client.ts';

export interface WatchOptions {
  readonly files: StackFiles;
  readonly clock: Clock;
  /** Ends the watching. */
  readonly signal: AbortSignal;
}

const POLL_MS = 100;

/** Ends when the supervisor does, or the signal aborts. @throws UserError `stack-not-running` */
export async function* watchStatus(options: WatchOptions): AsyncGenerator<StackStatus> {
  const { files, clock, signal } = options;
  for await (const status of watchSupervisor(files, signal)) {
    yield status;
    if (status.state === 'running') break;
    if (status.state === 'stopped') return;
  }
  while (!signal.aborted) {
    const answer = await ask(files, signal);
    if (answer !== undefined) yield answer;
    await clock.sleep(POLL_MS, signal);
  }
}

async function ask(files: StackFiles, signal: AbortSignal): Promise<StackStatus | undefined> {
  try {
    return (await callSupervisor(files, { do: 'status', probe: true }, { signal })).status;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
