/** The program of a process that hosts an ephemeral stack of two small parts, freezes one, and waits to be killed. */
import { mkdirSync } from 'node:fs';

import { liveClock } from '../../src/kernel/live.ts';
import { EPHEMERAL_NAME } from '../../src/stack/ephemeral-name.ts';
import { noteEphemeral, type EphemeralEntry } from '../../src/stack/ephemeral-registry.ts';
import { identify } from '../../src/stack/process-identity.ts';
import { filesOf } from '../../src/stack/stack-files.ts';
import { startHost } from '../../src/stack/supervisor/host.ts';
import { GOOD, hostedRecord, scriptPart, untilStatus } from './hosted-parts.ts';

/** On the command line, as JSON. */
export interface EphemeralHostPlan {
  readonly registryDir: string;
  readonly directory: string;
  readonly id: string;
  readonly external?: EphemeralEntry['external'];
}

const plan = JSON.parse(process.argv[2] ?? '') as EphemeralHostPlan;
const { registryDir, directory, id, external } = plan;
const owner = identify(process.pid);
if (owner === undefined) throw new Error('no such process');
const startedAt = new Date().toISOString();
const engine = external === undefined ? 'embedded' : 'external';
noteEphemeral(registryDir, {
  schemaVersion: 1,
  id,
  owner,
  directory,
  startedAt,
  engine,
  ...(external === undefined ? {} : { external }),
});
mkdirSync(directory);
const files = filesOf(directory, EPHEMERAL_NAME);
const host = await startHost({
  files,
  record: hostedRecord(files, engine),
  // Frozen, it cannot see that it is an orphan; nor can what it started, which leads a group of its own.
  parts: [
    scriptPart('lively', GOOD),
    scriptPart(
      'frozen',
      `${GOOD}
       require('node:child_process').spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });`,
    ),
  ],
  clock: liveClock,
});
await untilStatus(host.supervisor, ({ state }) => state === 'running');
await host.supervisor.part('frozen').pause(600_000);
const pids = host.supervisor.status().parts.map(({ pid }) => pid);
process.stdout.write(`${JSON.stringify(pids)}\n`);
