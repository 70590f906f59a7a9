/** Runs one part as this process until it is told to stop, or its supervisor is gone. */
import { once } from 'node:events';

import { UserError } from '../../kernel/errors.ts';
import { openSupervision } from '../../stack/supervision.ts';
import type { CommandContext } from '../context.ts';

export interface Served extends AsyncDisposable {
  /** Settles when the part ended by itself, which it should not. */
  readonly ended?: Promise<void>;
  /** What keeps it from serving at the moment, in one line. */
  findTrouble?(): string | undefined;
}

/** Closing may take this long; then the process ends anyway. */
const CLOSE_LIMIT_MS = 5_000;
/** What is still pending after the closing, such as a provider's late answer, is not waited for. */
const LEFTOVER_LIMIT_MS = 200;

/**
 * @param open opens the part; its signal aborts when the part has to stop
 * @throws UserError `part-failed` when the part ended by itself
 */
export async function servePart(
  name: string,
  context: CommandContext,
  open: (signal: AbortSignal) => Promise<Served>,
): Promise<void> {
  const supervision = openSupervision(process);
  const stop = AbortSignal.any([context.signal, supervision.lost]);
  stop.addEventListener('abort', () => {
    context.clock.after(CLOSE_LIMIT_MS, () => process.exit(1), { weak: true });
  });
  try {
    if (stop.aborted) return;
    await using part = await open(stop);
    supervision.ready(() => part.findTrouble?.());
    if (!supervision.isSupervised) context.output.note(`${name} serves; Ctrl-C stops it.`);
    await Promise.race([stop.aborted ? undefined : once(stop, 'abort'), part.ended ?? never()]);
  } finally {
    supervision.close();
  }
  if (!stop.aborted) throw new UserError('part-failed', `${name} ended by itself`);
  context.closed();
  context.clock.after(LEFTOVER_LIMIT_MS, () => process.exit(), { weak: true });
}

function never(): Promise<void> {
  return new Promise(() => undefined);
}
