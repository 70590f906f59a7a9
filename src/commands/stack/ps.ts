/** The body of `wonderland ps`. */
import { readStatus } from '../../stack/read-status.ts';
import type { PartStatus, StackStatus } from '../../stack/stack-status.ts';
import { exitText } from '../../stack/wait-until-ready.ts';
import type { CommandContext } from '../context.ts';
import type { Paint, Tone } from '../palette.ts';
import { renderTable } from '../table.ts';
import { publicEndpoints, publicStatus } from './public-status.ts';

/** A stopped or crashed stack is an answer, not an error. */
export async function runPs(context: CommandContext): Promise<void> {
  const { output, clock } = context;
  const { stateDir, stack: name } = await context.settings();
  const status = await readStatus({ stateDir, name, probe: true });
  output.result(publicStatus(status), () => {
    const { paint, columns } = output;
    const title = titleOf(status, paint);
    if (status.parts.length === 0 || status.state === 'stopped') return title;
    const table = renderTable(status.parts, columnsOf(status, clock.now(), paint), {
      columns,
      paint,
    });
    return `${title}\n\n${table}`;
  });
  const next = nextStep(status);
  if (next !== undefined) output.hint(next);
}

function titleOf(status: StackStatus, paint: Paint): string {
  const tones: Readonly<Record<StackStatus['state'], Tone>> = {
    running: 'good',
    starting: 'warning',
    stopping: 'warning',
    crashed: 'bad',
    stopped: 'quiet',
  };
  const url = publicEndpoints(status)?.mediatorUrl;
  const where = status.state === 'running' && url !== undefined ? `  ${url}` : '';
  const engine = status.parts.length === 0 ? '' : ` (${status.engine})`;
  return `The stack "${status.name}"${engine} is ${paint(tones[status.state], status.state)}.${where}`;
}

type Columns = Parameters<typeof renderTable<PartStatus>>[1];

function columnsOf(status: StackStatus, now: number, paint: Paint): Columns {
  const isDead = status.state === 'crashed';
  return [
    { title: 'part', value: (part) => part.name },
    { title: 'state', value: (part) => (isDead ? paint('bad', '✖ gone') : stateOf(part, paint)) },
    { title: 'health', value: (part) => (isDead ? '' : healthOf(part)), canShrink: true },
    {
      title: 'pid',
      value: (part) => (isDead ? '' : String(part.pid ?? '')),
      align: 'right',
      canGo: true,
    },
    { title: 'since', value: (part) => ago(now - part.since), align: 'right', canGo: true },
    { title: 'restarts', value: (part) => String(part.restarts), align: 'right', canGo: true },
  ];
}

function stateOf(part: PartStatus, paint: Paint): string {
  if (part.state === 'ready') return paint('good', '✔ ready');
  if (part.state === 'failed') return paint('bad', '✖ failed');
  return paint('warning', `! ${part.state}`);
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

function nextStep(status: StackStatus): string | undefined {
  if (status.failure !== undefined) {
    return `Its last start failed: ${status.failure.part} ${exitText(status.failure.exit)}. Try again: wonderland up`;
  }
  if (status.state === 'crashed') return 'Start it again with `wonderland up`; its data is kept.';
  if (status.state === 'stopped') return 'Start it with `wonderland up`.';
  return undefined;
}
