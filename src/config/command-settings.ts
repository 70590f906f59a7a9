/** The settings of a CLI command: the environment, with the global flags on top. */
import { UserError } from '../kernel/errors.ts';
import { readSettings, StackName, type Settings } from './settings.ts';

/** @throws UserError `invalid-config` for the environment, `usage` for the flag. */
export function readCommandSettings(flags: { readonly stack?: string | undefined }): Settings {
  const { stack } = flags;
  if (stack === undefined) return readSettings();
  if (StackName.safeParse(stack).success)
    return readSettings({ ...process.env, WONDERLAND_STACK: stack });
  throw new UserError('usage', `--stack does not take "${stack}" as a name.`, {
    hint: 'Write lower-case letters, digits and dashes, a letter first, at most 31: --stack test-2.',
    details: { flag: '--stack', stack },
  });
}
