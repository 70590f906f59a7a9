/** `--for 5s`: how long a part stays down or frozen before its supervisor brings it back. */
import { Option } from 'commander';

import { parseDuration } from '../kernel/durations.ts';
import { UserError } from '../kernel/errors.ts';
import { isHoldMs, LONGEST_HOLD_MS } from '../stack/supervisor/protocol.ts';

export interface HoldOptions {
  /** Milliseconds. */
  readonly for?: number;
}

/** Bounded, so that nothing stays broken by a slip of the finger. */
export function holdOption(what: string): Option {
  return new Option('--for <duration>', `${what}; at most 10m`).argParser(parseHold);
}

/** @throws UserError `usage` */
function parseHold(text: string): number {
  const ms = parseDuration(text);
  if (isHoldMs(ms)) return ms;
  throw new UserError('usage', `--for takes 1ms to ${LONGEST_HOLD_MS / 60_000}m, not "${text}".`);
}
