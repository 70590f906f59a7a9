/** INT, TERM and HUP as abort signals: the first asks a command to stop, the second forces it. */
import type { Clock, Timer } from '../kernel/clock.ts';

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type StopSignal = keyof typeof EXIT_CODES;

/** A second signal ends the process after this long, whatever the command does. */
const FORCE_LIMIT_MS = 900;
/** A command that ends faster than this says nothing about stopping. */
const QUIET_MS = 60;
const STOPPING = 'Stopping… (Ctrl-C again to force)';

export interface Interrupts extends Disposable {
  /** Aborted by the first signal, or by `stop`. */
  readonly stopping: AbortSignal;
  /** Aborted by the second signal: give up waiting. */
  readonly forced: AbortSignal;
  /** Exit code of the signal that came, if one came. */
  exitCode(): number | undefined;
  /** From now on a TERM that came was the proper end. */
  expectTerm(): void;
  /** Stops for another reason, such as a reader that went away. */
  stop(): void;
}

export interface InterruptOptions {
  readonly process: NodeJS.Process;
  readonly clock: Clock;
  /** Says on stderr that a stop is under way. */
  readonly announce: (text: string) => void;
}

/** Listens until disposed. */
export function openInterrupts({ process, clock, announce }: InterruptOptions): Interrupts {
  const stopping = new AbortController();
  const forced = new AbortController();
  let received: StopSignal | undefined;
  let isTermProper = false;
  let announcement: Timer | undefined;
  const onSignal = (signal: StopSignal): void => {
    if (received === undefined) {
      received = signal;
      stopping.abort();
      announcement = clock.after(QUIET_MS, () => announce(STOPPING), { weak: true });
      return;
    }
    forced.abort();
    clock.after(FORCE_LIMIT_MS, () => process.exit(EXIT_CODES[signal]), { weak: true });
  };
  const signals = Object.keys(EXIT_CODES) as StopSignal[];
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stopping: stopping.signal,
    forced: forced.signal,
    exitCode() {
      if (received === undefined) return undefined;
      return received === 'SIGTERM' && isTermProper ? 0 : EXIT_CODES[received];
    },
    expectTerm: () => void (isTermProper = true),
    stop: () => stopping.abort(),
    [Symbol.dispose]: () => {
      announcement?.cancel();
      for (const signal of signals) process.off(signal, onSignal);
    },
  };
}
