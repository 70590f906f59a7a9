/** Identities as a port: order ids, message ids, trace ids. */
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

export interface Ids {
  /** A time-ordered UUID (version 7, RFC 9562 §5.7): new rows land at the end of an index. */
  uuid(): string;
  /** `bytes` random bytes in lower-case hex. */
  hex(bytes: number): string;
}

/** Ids from a clock and a source of random bytes in hex. */
export function idsFrom(clock: Clock, hex: (bytes: number) => string): Ids {
  return { hex, uuid: () => uuid7(clock.now(), hex(10)) };
}

/** Ids that a seeded run repeats. */
export function seededIds(clock: Clock, random: Random): Ids {
  const byte = (): string => random.integer(0, 255).toString(16).padStart(2, '0');
  return idsFrom(clock, (bytes) => Array.from({ length: bytes }, byte).join(''));
}

/** The smallest id that can be made at this time: ids made before it sort before. */
export function uuidAt(nowMs: number): string {
  return uuid7(nowMs, '0'.repeat(20));
}

function uuid7(nowMs: number, tail: string): string {
  const time = nowMs.toString(16).padStart(12, '0');
  const variant = ((parseInt(tail.charAt(3), 16) & 0x3) | 0x8).toString(16);
  return [
    time.slice(0, 8),
    time.slice(8, 12),
    `7${tail.slice(0, 3)}`,
    `${variant}${tail.slice(4, 7)}`,
    tail.slice(7, 19),
  ].join('-');
}
