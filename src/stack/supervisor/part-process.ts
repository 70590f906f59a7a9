/** One child process of a supervisor: started with an IPC channel, its output captured, stopped for sure. */
import { execa } from 'execa';

import type { Clock } from '../../kernel/clock.ts';
import { PartLog } from '../part-log.ts';
import {
  identify,
  isFrozen,
  killGroup,
  sendSignal,
  type ProcessIdentity,
} from '../process-identity.ts';
import { familyOf, killFamily } from '../process-tree.ts';
import type { PartExit, PartHealth } from '../stack-status.ts';
import { typeOf, type PartMessage } from '../supervision.ts';
import { Pulse } from './pulse.ts';

/** What to run as a part, and when. */
export interface PartSpec {
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Parts that must be ready before this one is started for the first time. */
  readonly after: readonly string[];
}

export interface PartProcessOptions {
  readonly spec: PartSpec;
  readonly logFile: string;
  readonly clock: Clock;
  readonly onReady: () => void;
  /** Called once, also when the program could not be started at all. */
  readonly onExit: (exit: PartExit) => void;
}

export interface PartProcess {
  /** Undefined when the program could not be started. */
  readonly identity: ProcessIdentity | undefined;
  readonly ended: Promise<void>;
  /** How it says that it is; undefined for a program that does not answer such questions. */
  feelPulse(): Promise<PartHealth | undefined>;
  /** Asks it to end; kills it with its whole group when it does not. */
  stop(): Promise<void>;
  kill(): void;
  pause(): void;
  /** Is it stopped by a signal, so that it does nothing at all? */
  isFrozen(): boolean;
  resume(): void;
}

/** A child that ignores SIGTERM is killed after this long. */
const STOP_LIMIT_MS = 5_000;

/** Each part leads a process group of its own, so that Ctrl-C reaches only us and a kill reaches all of it. */
export function spawnPart(options: PartProcessOptions): PartProcess {
  const { spec, clock } = options;
  const log = new PartLog(options.logFile);
  const [file, ...words] = spec.command;
  const child = execa(file, words, {
    env: spec.environment,
    ipc: true,
    detached: true,
    cleanup: false,
    reject: false,
    buffer: false,
    stdin: 'ignore',
  });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const pulse = new Pulse({
    clock,
    ask: (message) => void (child.connected && child.send(message, () => undefined)),
  });
  child.on('message', (message: unknown) => {
    pulse.take(message as PartMessage);
    if (typeOf(message) === 'ready') options.onReady();
  });
  const identity = child.pid === undefined ? undefined : identify(child.pid);
  const ended = untilExit(child, log, clock).then(options.onExit);
  const feelPulse = (): Promise<PartHealth | undefined> => pulse.feel();
  return { identity, ended, feelPulse, ...controlsOf(child.pid, { ended, clock }) };
}

/** A grandchild may hold the output open: then the rest of it is not waited for. */
const OUTPUT_GRACE_MS = 100;

/** Resolves soon after the exit, when what the part wrote is in its log. */
async function untilExit(child: EventSource, log: PartLog, clock: Clock): Promise<PartExit> {
  const closed = new Promise<void>((resolve) => {
    child.once('close', () => log.end(resolve));
  });
  const exit = await new Promise<PartExit>((resolve) => {
    child.once('exit', (code: number | null, signal: string | null) => resolve({ code, signal }));
    child.once('error', (error: Error) => {
      log.end(`${error.message}\n`);
      resolve({ code: null, signal: null });
    });
  });
  await Promise.race([closed, clock.sleep(OUTPUT_GRACE_MS)]);
  return exit;
}

type EventSource = Pick<NodeJS.EventEmitter, 'once'>;

interface ControlOptions {
  readonly ended: Promise<void>;
  readonly clock: Clock;
}

function controlsOf(
  pid: number | undefined,
  { ended, clock }: ControlOptions,
): Pick<PartProcess, 'stop' | 'kill' | 'pause' | 'isFrozen' | 'resume'> {
  if (pid === undefined) {
    const nothing = (): void => undefined;
    const never = (): boolean => false;
    return { stop: () => ended, kill: nothing, pause: nothing, isFrozen: never, resume: nothing };
  }
  const toFamily = (signal: NodeJS.Signals) => (): void => {
    for (const member of familyOf(pid)) sendSignal(member, signal);
  };
  return {
    kill: () => killFamily(pid),
    pause: toFamily('SIGSTOP'),
    isFrozen: () => isFrozen(pid),
    resume: toFamily('SIGCONT'),
    async stop() {
      sendSignal(pid, 'SIGTERM');
      toFamily('SIGCONT')();
      const timer = clock.after(STOP_LIMIT_MS, () => killFamily(pid));
      await ended;
      timer.cancel();
      killGroup(pid);
    },
  };
}
