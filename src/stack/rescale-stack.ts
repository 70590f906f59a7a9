/** Changes how many instances of each service a running stack has; all others go on undisturbed. */
import type { Settings } from '../config/settings.ts';
import type { Clock } from '../kernel/clock.ts';
import { UserError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import { checkScale, instancesOf, scaleOf, serviceOf, type Scale } from './instances.ts';
import { lastLines } from './part-log.ts';
import { partNames, planParts } from './part-plan.ts';
import { planStack } from './plan-stack.ts';
import { requireFreePorts } from './ports/check.ts';
import type { StackFiles } from './stack-files.ts';
import { readRecord, writeRecord } from './stack-record.ts';
import { isReady, type StackStatus } from './stack-status.ts';
import { callSupervisor } from './supervisor/socket-client.ts';
import { watchStatus } from './watch-status.ts';

export interface RescaleOptions {
  readonly settings: Settings;
  /** Services that it does not name keep their number. */
  readonly scale: Scale;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly signal: AbortSignal;
}

/** A part that has to go may take 5 s, after which it is killed. */
const STOP_LIMIT_MS = 8_000;
const LINES = 20;

/** Does the running stack differ from what is asked for? @throws UserError `usage` for what does not run at all */
export function isScaledOtherwise(status: StackStatus, scale: Scale): boolean {
  checkScale(scale);
  const now = scaleOf(status.parts.map((part) => part.name));
  for (const service of Object.keys(scale)) {
    if (now[service] !== undefined) continue;
    throw new UserError('usage', `The stack "${status.name}" runs without ${service}`, {
      hint: 'Stop it (`wonderland down`) and start it with all parts that you want.',
    });
  }
  return Object.entries(scale).some(([service, count]) => now[service] !== count);
}

/**
 * Starts what is missing, stops what is too much, and waits until the new instances are ready.
 * @throws UserError `invalid-config` when the data does not lie where several can use it, `port-taken`, `part-failed`,
 *   `not-ready`, `interrupted`
 */
export async function rescaleStack(
  files: StackFiles,
  status: StackStatus,
  options: RescaleOptions,
): Promise<StackStatus> {
  const { settings, clock, ids, signal } = options;
  const before = status.parts.map((part) => part.name);
  const scale = { ...scaleOf(before), ...options.scale };
  const services = partNames(status.engine).filter((name) =>
    before.some((part) => serviceOf(part) === name),
  );
  const names = instancesOf(services, scale);
  const added = names.filter((name) => !before.includes(name));
  const stored = readRecord(files);
  const { engine } = status;
  const record = await planStack({ files, settings, engine, ports: {}, stored, scale, clock, ids });
  await requireFreePorts(record.ports, added);
  writeRecord(files, record);
  const { stateDir, smtpUrl } = settings;
  const parts = planParts({ record, stateDir, smtpUrl, names });
  const { endpoints } = record;
  await callSupervisor(
    files,
    { do: 'scale', parts, endpoints },
    { timeoutMs: STOP_LIMIT_MS, signal },
  );
  return untilReady(files, added, options);
}

async function untilReady(
  files: StackFiles,
  added: readonly string[],
  { clock, signal, timeoutMs }: RescaleOptions,
): Promise<StackStatus> {
  const hanging = new AbortController();
  const timer = clock.after(timeoutMs, () => hanging.abort());
  const watching = { files, clock, signal: AbortSignal.any([signal, hanging.signal]) };
  let late: readonly string[] = added;
  try {
    for await (const status of watchStatus(watching)) {
      const news = status.parts.filter(({ name }) => added.includes(name));
      const failed = news.find(({ state }) => state === 'failed');
      if (failed !== undefined) throw await failure(files, failed.name);
      if (isReady(status)) return status;
      late = news.filter(({ state }) => state !== 'ready').map(({ name }) => name);
    }
  } finally {
    timer.cancel();
  }
  if (signal.aborted) throw new UserError('interrupted', 'Stopped.');
  const what = late.length === 0 ? 'the stack' : late.join(', ');
  throw new UserError('not-ready', `Not ready after ${Math.round(timeoutMs / 1_000)} s: ${what}`, {
    hint: 'See `wonderland ps` and `wonderland logs --level warn`.',
  });
}

async function failure(files: StackFiles, name: string): Promise<UserError> {
  const lines = await lastLines(files.logOf(name), LINES);
  const said = lines.map((line) => `  ${line}`).join('\n');
  return new UserError(
    'part-failed',
    `${name} ended before it was ready; its last lines:\n${said}`,
    {
      hint: `The others go on. Try again: \`wonderland restart ${name}\`.`,
      details: { part: name },
    },
  );
}
