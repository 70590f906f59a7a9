/** A supervisor with everything around it: directories, socket and the state file. */
import { writeSync } from 'node:fs';

import type { Clock } from '../../kernel/clock.ts';
import { ClosingStack } from '../../kernel/closing.ts';
import { BugError } from '../../kernel/errors.ts';
import { setAside } from '../part-log.ts';
import { identify } from '../process-identity.ts';
import { probeReadiness } from '../readiness.ts';
import { makeDirectories, type StackFiles } from '../stack-files.ts';
import type { StackRecord } from '../stack-record.ts';
import { mediatorUrlsOf } from '../stack-status.ts';
import { writeState } from '../state-file.ts';
import type { PartSpec } from './part-process.ts';
import { openSocket } from './socket-server.ts';
import { StateKeeper } from './state-keeper.ts';
import { Supervisor, type SupervisorSnapshot } from './supervisor.ts';

export interface HostOptions {
  readonly files: StackFiles;
  readonly record: StackRecord;
  readonly parts: readonly PartSpec[];
  readonly clock: Clock;
}

export interface Host extends AsyncDisposable {
  readonly supervisor: Supervisor;
}

/** Starts the parts of a stack under this process. Disposing stops them and closes the socket. */
export async function startHost({ files, record, parts, clock }: HostOptions): Promise<Host> {
  const self = identify(process.pid);
  if (self === undefined) throw new BugError('this process does not find itself');
  makeDirectories(files);
  for (const { name } of parts) setAside(files.logOf(name));
  const keeper = new StateKeeper<SupervisorSnapshot>({
    clock,
    write: (snapshot) => writeState(files, { supervisor: self, ...snapshot }),
    say,
  });
  const supervisor = new Supervisor({
    identity: { name: record.name, engine: record.engine },
    endpoints: record.endpoints,
    parts,
    files,
    clock,
    probe: ({ endpoints, parts: names }) =>
      probeReadiness({ mediatorUrls: mediatorUrlsOf(endpoints), parts: names }),
    onChange: (snapshot) => keeper.keep(snapshot),
  });
  const closing = new ClosingStack();
  closing.use(keeper);
  closing.use(await openSocket(files, supervisor));
  closing.use(supervisor);
  supervisor.start();
  return { supervisor, [Symbol.asyncDispose]: () => closing[Symbol.asyncDispose]() };
}

/** Into the supervisor's own log, which may lie on the very disk that is full. */
function say(line: string): void {
  try {
    writeSync(process.stderr.fd, `${line}\n`);
  } catch {
    // nobody can be told now
  }
}
