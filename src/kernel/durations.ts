/** Durations as people write them: `250ms`, `5s`, `1.5m`, `2h`, `1d`. */
import { UserError } from './errors.ts';

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const PATTERN = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/;

/** Milliseconds of a written duration, or undefined when it is not one. */
export function tryParseDuration(text: string): number | undefined {
  const match = PATTERN.exec(text.trim());
  if (match === null) return undefined;
  return Number(match[1]) * UNITS[match[2] as keyof typeof UNITS];
}

/** Milliseconds of a written duration. @throws UserError `usage` naming the accepted forms. */
export function parseDuration(text: string): number {
  const parsed = tryParseDuration(text);
  if (parsed !== undefined) return parsed;
  throw new UserError('usage', `"${text}" is not a duration`, {
    hint: 'Write a number and a unit: 250ms, 5s, 1.5m, 2h or 1d.',
  });
}

/** A duration for people: `3 ms`, `1.24 s`, `2 min 5 s`. */
export function formatDuration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 1)} s`;
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
