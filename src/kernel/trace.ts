/** W3C Trace Context: the `traceparent` that follows an order through every message. */
import type { Ids } from './ids.ts';

const PATTERN = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** A new sampled trace. */
export function newTraceparent(ids: Ids): string {
  return `00-${ids.hex(16)}-${ids.hex(8)}-01`;
}

/** The trace id inside a traceparent, or undefined when it is malformed. */
export function traceIdOf(traceparent: string): string | undefined {
  return PATTERN.exec(traceparent)?.[1];
}
