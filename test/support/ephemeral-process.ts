/** The program of a process that hosts a whole ephemeral stack with its database frozen, and waits to be killed. */
import { liveClock, liveIds } from '../../src/kernel/live.ts';
import { startEphemeralStack } from '../../src/stack/ephemeral-stack.ts';
import { familyOf } from '../../src/stack/process-tree.ts';

/** Where it is noted. */
const registryDir = process.argv[2] ?? '';

const stack = await startEphemeralStack({ registryDir, clock: liveClock, ids: liveIds });
await stack.control.hang({ part: 'database' }, 600_000);
const family = familyOf(process.pid).slice(1);
process.stdout.write(`${JSON.stringify({ dataDir: stack.endpoints.dataDir, family })}\n`);
