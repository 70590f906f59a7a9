/** The bodies of `wonderland kill`, `pause` and `resume`: something happens to a part, and nobody waits for it to recover. */
import { partsMeant } from '../../stack/instances.ts';
import { requireRunningStack } from '../../stack/read-status.ts';
import { filesOf } from '../../stack/stack-files.ts';
import { callSupervisor } from '../../stack/supervisor/socket-client.ts';
import type { CommandContext } from '../context.ts';

const DONE = { kill: 'killed', pause: 'paused', resume: 'resumed' } as const;

/** All instances of a service by its bare name. @throws UserError `usage`, `stack-not-running`, `not-ready` */
export async function runPartVerb(
  verb: keyof typeof DONE,
  part: string,
  context: CommandContext,
): Promise<void> {
  const { output, signal } = context;
  const settings = await context.settings();
  requireRunningStack(settings);
  const files = filesOf(settings.stateDir, settings.stack);
  const { status } = await callSupervisor(files, { do: 'status' });
  const known = (status?.parts ?? []).map(({ name }) => name);
  const meant = partsMeant(known, part);
  const paused = (status?.parts ?? []).filter(({ state }) => state === 'paused');
  const names =
    verb === 'resume' ? meant.filter((each) => paused.some(({ name }) => name === each)) : meant;
  for (const name of names) await callSupervisor(files, { do: verb, part: name }, { signal });
  output.result({ parts: names, was: DONE[verb] }, () =>
    names.length === 0
      ? `${meant.join(', ')}: not paused, so there is nothing to resume.`
      : `✔ ${names.join(', ')} ${DONE[verb]}.`,
  );
  if (verb === 'pause') output.hint(`Next: wonderland resume ${part}`);
  if (verb === 'kill') output.hint('It is started again at once: wonderland ps');
}
