/** The detached process behind `wonderland up`: reads its plan from stdin and supervises until it is stopped. */
import { text } from 'node:stream/consumers';

import { liveClock } from '../../kernel/live.ts';
import { filesOf } from '../stack-files.ts';
import type { StackRecord } from '../stack-record.ts';
import { startHost } from './host.ts';
import type { PartSpec } from './part-process.ts';

/** Over stdin and not as a file or argument: it holds passwords. */
export interface SupervisorPlan {
  readonly stateDir: string;
  readonly record: StackRecord;
  readonly parts: readonly PartSpec[];
}

const plan = JSON.parse(await text(process.stdin)) as SupervisorPlan;
await using host = await startHost({
  files: filesOf(plan.stateDir, plan.record.name),
  record: plan.record,
  parts: plan.parts,
  clock: liveClock,
});
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => void host.supervisor.stop());
}
await host.supervisor.ended;
