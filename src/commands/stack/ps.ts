/** The body of `wonderland ps`. */
import { exactName } from '../../stack/instances.ts';
import { readStatus } from '../../stack/read-status.ts';
import {
  isReady,
  isSilent,
  mediatorUrlsOf,
  type PartStatus,
  type StackStatus,
} from '../../stack/stack-status.ts';
import { exitText } from '../../stack/wait-until-ready.ts';
import type { CommandContext } from '../context.ts';
import type { Paint, Tone } from '../palette.ts';
import { renderTable } from '../table.ts';
import { publicStatus } from './public-status.ts';

/** A stopped or crashed stack is an answer, not an error. */
export async function runPs(context: CommandContext): Promise<void> {
  const { output, clock } = context;
  const { stateDir, stack: name } = await context.settings();
  const status = await readStatus({ stateDir, name, probe: true });
  const document = { ...publicStatus(status), isHealthy: isReady(status) };
  const { paint, columns } = output;
  output.result(document, () => describeStatus(status, { now: clock.now(), paint, columns }));
  const next = nextStep(status);
  if (next !== undefined) output.hint(next);
}

export interface StatusView {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly paint: Paint;
  readonly columns: number | undefined;
}

/** A headline, and one row for each part of a stack that is not stopped. */
export function describeStatus(status: StackStatus, { now, paint, columns }: StatusView): string {
  const title = titleOf(status, paint);
  if (status.parts.length === 0 || status.state === 'stopped') return title;
  const table = renderTable(status.parts, columnsOf(status, now, paint), { columns, paint });
  const elsewhere = troublesElsewhere(status).map((line) => `\n${paint('bad', '✖')} ${line}`);
  return `${title}${elsewhere.join('')}\n\n${table}`;
}

function titleOf(status: StackStatus, paint: Paint): string {
  const tones: Readonly<Record<StackStatus['state'], Tone>> = {
    running: 'good',
    starting: 'warning',
    stopping: 'warning',
    crashed: 'bad',
    stopped: 'quiet',
  };
  const { endpoints } = status;
  const urls = endpoints === undefined ? [] : mediatorUrlsOf(endpoints);
  const where = status.state === 'running' && urls.length > 0 ? `  ${urls.join(' ')}` : '';
  const engine = status.parts.length === 0 ? '' : ` (${status.engine})`;
  const head = `The stack "${status.name}"${engine}`;
  if (status.state === 'crashed') return `${head} has ${paint('bad', 'crashed')}.`;
  if (status.state === 'running' && !isReady(status)) {
    return `${head} runs, but is ${paint('bad', 'not healthy')}.${where}`;
  }
  return `${head} is ${paint(tones[status.state], status.state)}.${where}`;
}

/** Of servers that are not parts of this stack, and so have no row of their own. */
function troublesElsewhere({ troubles = [], parts }: StackStatus): readonly string[] {
  const rows = new Set(parts.map(({ name }) => (name === 'postgres' ? 'database' : name)));
  return troubles
    .filter(({ name }) => (name === 'broker' || name === 'database') && !rows.has(name))
    .map(({ name, detail }) => `${name}: ${detail}`);
}

type Columns = Parameters<typeof renderTable<PartStatus>>[1];

function columnsOf(status: StackStatus, now: number, paint: Paint): Columns {
  const isDead = (part: PartStatus): boolean =>
    status.state === 'crashed' && part.pid === undefined;
  return [
    { title: 'part', value: (part) => part.name },
    {
      title: 'state',
      value: (part) => (status.state === 'crashed' ? remainsOf(part, paint) : stateOf(part, paint)),
    },
    {
      title: 'health',
      value: (part) => (isDead(part) ? '' : (heldOf(part, now) ?? healthOf(part))),
      canShrink: true,
    },
    {
      title: 'pid',
      value: (part) => String(part.pid ?? ''),
      align: 'right',
      canGo: true,
    },
    { title: 'since', value: (part) => ago(now - part.since), align: 'right', canGo: true },
    { title: 'restarts', value: (part) => String(part.restarts), align: 'right', canGo: true },
  ];
}

/** What a crash leaves: nothing, or a process that is about to leave. */
function remainsOf({ pid }: PartStatus, paint: Paint): string {
  return pid === undefined ? paint('bad', '✖ gone') : paint('warning', '! still there');
}

function stateOf(part: PartStatus, paint: Paint): string {
  if (isSilent(part)) return paint('bad', '✖ not answering');
  if (part.state === 'ready') return paint('good', '✔ ready');
  if (part.state === 'failed') return paint('bad', '✖ failed');
  return paint('warning', `! ${part.state}`);
}

/** When a trouble made on purpose ends by itself. */
function heldOf({ heldUntil, state }: PartStatus, now: number): string | undefined {
  if (heldUntil === undefined) return undefined;
  return `${state === 'paused' ? 'goes on' : 'down on purpose, back'} in ${ago(heldUntil - now)}`;
}

function healthOf({ health, state, lastExit }: PartStatus): string {
  if (state === 'backoff' && lastExit !== undefined) return exitText(lastExit);
  if (health === undefined) return '';
  if (!health.ok) return health.detail ?? 'does not answer';
  return health.ms === undefined ? 'ok' : `ok, ${health.ms} ms`;
}

/** `4s`, `3m`, `2h`, `5d`. */
export function ago(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

/** The command that helps, where one does. */
export function nextStep(status: StackStatus): string | undefined {
  if (status.failure !== undefined) {
    return `Its last start failed: ${status.failure.part} ${exitText(status.failure.exit)}. Try again: wonderland up`;
  }
  if (status.state === 'crashed') return 'Start it again with `wonderland up`; its data is kept.';
  if (status.state === 'stopped') return 'Start it with `wonderland up`.';
  if (status.state !== 'running' || isReady(status)) return undefined;
  return adviceOnServer(status) ?? adviceOnParts(status);
}

/** What the others need comes first: they recover with it. */
function adviceOnServer(status: StackStatus): string | undefined {
  const isOff = ({ name, state }: PartStatus): boolean =>
    (name === 'broker' || name === 'postgres') && state !== 'ready';
  const off = status.parts.find(isOff);
  if (off !== undefined) return adviceOn(off, status);
  const trouble = status.troubles?.find(({ name }) => name === 'broker' || name === 'database');
  if (trouble === undefined) return undefined;
  const partName = trouble.name === 'database' ? 'postgres' : trouble.name;
  const part = status.parts.find(({ name }) => name === partName);
  if (part !== undefined) return adviceOn(part, status);
  return `The ${trouble.name} is the cause (${trouble.detail}). Next: wonderland doctor`;
}

function adviceOnParts(status: StackStatus): string {
  const needsHelp = (part: PartStatus): boolean =>
    isSilent(part) || ['paused', 'held', 'stopped', 'failed'].includes(part.state);
  const paused = status.parts.find(({ state }) => state === 'paused');
  const sick = paused ?? status.parts.find(needsHelp);
  return sick === undefined ? 'See why: wonderland doctor' : adviceOn(sick, status);
}

function adviceOn(part: PartStatus, { parts }: StackStatus): string {
  const names = parts.map(({ name }) => name);
  const name = exactName(part.name, names);
  if (part.heldUntil !== undefined) return `It ends by itself; at once: wonderland resume ${name}`;
  if (part.state === 'paused') return `Next: wonderland resume ${name}`;
  const isComing = ['waiting', 'starting', 'backoff', 'stopping'].includes(part.state);
  if (isComing) return `The ${part.name} is being started again. Next: wonderland wait`;
  return `Next: wonderland restart ${name}`;
}
