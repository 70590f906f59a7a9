/** Removes a stack with its data, here and on servers that it shared. */
import { existsSync } from 'node:fs';
import { rm, rmdir } from 'node:fs/promises';
import path from 'node:path';

import { namesOf, topologyOf } from '../messaging/topology.ts';
import { filesOf } from './stack-files.ts';
import { readRecord, type StackRecord } from './stack-record.ts';
import { stopStack, type StopOptions } from './stop-stack.ts';

/** What a reset would remove, one line each; empty when there is nothing. */
export interface ResetPlan {
  readonly directory: string | undefined;
  readonly record: StackRecord | undefined;
  readonly removes: readonly string[];
}

export function planReset({ stateDir, name }: Pick<StopOptions, 'stateDir' | 'name'>): ResetPlan {
  const files = filesOf(stateDir, name);
  if (!existsSync(files.directory)) return { directory: undefined, record: undefined, removes: [] };
  const record = tryReadRecord(files);
  const removes = [`${files.directory} (orders, stock, payments, customers, mails, logs)`];
  if (record?.engine === 'external') removes.push(...externalOf(record));
  return { directory: files.directory, record, removes };
}

/** A record of another version is a reason to reset, not to refuse it. */
function tryReadRecord(files: ReturnType<typeof filesOf>): StackRecord | undefined {
  try {
    return readRecord(files);
  } catch {
    return undefined;
  }
}

function externalOf({ endpoints }: StackRecord): readonly string[] {
  const { exchanges, queues } = topologyOf(namesOf(endpoints.namespace));
  const place = (url: string): string => new URL(url).host;
  return [
    `${queues.length} queues and ${exchanges.length} exchanges of "${endpoints.namespace}" on ${place(endpoints.amqpUrl)}`,
    `the schemas ${endpoints.namespace}_* on ${place(endpoints.databaseUrl)}`,
  ];
}

/**
 * Stops the stack and removes it. What lies on shared servers goes first: were it to fail, the record that
 * names it is still there.
 * @throws UserError `broker-unreachable`, `database-unreachable`, `environment`
 */
export async function resetStack(options: StopOptions): Promise<ResetPlan> {
  const plan = planReset(options);
  await stopStack(options);
  if (plan.record?.engine === 'external') {
    const { removeExternal } = await import('./remove-external.ts');
    await removeExternal(plan.record.endpoints);
  }
  if (plan.directory !== undefined) {
    await rm(plan.directory, { recursive: true, force: true });
    await removeEmptyParents(options.stateDir);
  }
  return plan;
}

/** Other stacks keep them; a state directory that the user chose, and may have made, stays. */
async function removeEmptyParents(stateDir: string): Promise<void> {
  try {
    await rmdir(path.join(stateDir, 'stacks'));
    if (path.basename(stateDir) === '.wonderland') await rmdir(stateDir);
  } catch {
    // not empty
  }
}
