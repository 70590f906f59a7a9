/** Logging as a port: what a part says about its work. Where it goes is the part's wiring. */

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Facts beside the sentence. Never secrets, passwords or card numbers. */
export interface LogFields {
  readonly orderId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly [fact: string]: unknown;
}

export interface Logger {
  log(level: LogLevel, message: string, fields?: LogFields): void;
}

/** A logger that says nothing. */
export const silentLogger: Logger = { log: () => undefined };
