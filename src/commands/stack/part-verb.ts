/** The bodies of `wonderland kill`, `pause`, `resume` and `restart --for`: something happens to a part, and nobody waits for it to recover. */
import { formatDuration } from '../../kernel/durations.ts';
import { partsMeant } from '../../stack/instances.ts';
import { requireRunningStack } from '../../stack/read-status.ts';
import { filesOf } from '../../stack/stack-files.ts';
import type { PartStatus } from '../../stack/stack-status.ts';
import type { PartRequest } from '../../stack/supervisor/protocol.ts';
import { callSupervisor } from '../../stack/supervisor/socket-client.ts';
import type { CommandContext } from '../context.ts';

const DONE = { kill: 'killed', pause: 'paused', resume: 'resumed', restart: 'stopped' } as const;

/** Ending in good order may take 5 s, after which the part is killed. */
const CALL_LIMIT_MS = 8_000;

export type PartAction =
  | { readonly verb: 'kill' | 'pause'; readonly forMs?: number | undefined }
  | { readonly verb: 'restart'; readonly forMs: number }
  | { readonly verb: 'resume' };

/** All instances of a service by its bare name. @throws UserError `usage`, `stack-not-running`, `not-ready` */
export async function runPartVerb(
  action: PartAction,
  part: string,
  context: CommandContext,
): Promise<void> {
  const { output, signal } = context;
  const settings = await context.settings();
  requireRunningStack(settings);
  const files = filesOf(settings.stateDir, settings.stack);
  const { status } = await callSupervisor(files, { do: 'status' });
  const parts = status?.parts ?? [];
  const meant = partsMeant(
    parts.map(({ name }) => name),
    part,
  );
  const names = action.verb === 'resume' ? resumable(parts, meant) : meant;
  const options = { timeoutMs: CALL_LIMIT_MS, signal };
  for (const name of names) await callSupervisor(files, requestOf(action, name), options);
  const done = DONE[action.verb];
  const forMs = 'forMs' in action ? action.forMs : undefined;
  const result = { parts: names, was: done, ...(forMs === undefined ? {} : { forMs }) };
  output.result(result, () =>
    names.length === 0
      ? `${meant.join(', ')}: not paused, so there is nothing to resume.`
      : `✔ ${names.join(', ')} ${done}.`,
  );
  const hint = hintAfter(action, part);
  if (hint !== undefined) output.hint(hint);
}

/** Frozen, or kept down for a while. */
function resumable(parts: readonly PartStatus[], meant: readonly string[]): readonly string[] {
  return parts
    .filter(({ name, state }) => meant.includes(name) && (state === 'paused' || state === 'held'))
    .map(({ name }) => name);
}

function requestOf(action: PartAction, part: string): PartRequest {
  if (action.verb === 'resume' || action.forMs === undefined) return { do: action.verb, part };
  return { do: action.verb, part, forMs: action.forMs };
}

function hintAfter(action: PartAction, part: string): string | undefined {
  if (action.verb === 'resume') return undefined;
  if (action.forMs !== undefined) {
    const back = action.verb === 'pause' ? 'It goes on' : 'It is started again';
    return `${back} by itself in ${formatDuration(action.forMs)}; at once: wonderland resume ${part}`;
  }
  if (action.verb === 'pause') return `Next: wonderland resume ${part}`;
  return 'It is started again at once: wonderland ps';
}
