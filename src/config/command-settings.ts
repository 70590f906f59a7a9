/** The settings of a CLI command: the environment, with the global flags on top. */
import { readSettings, type Settings } from './settings.ts';

/** @throws UserError `invalid-config` */
export function readCommandSettings(flags: { readonly stack?: string | undefined }): Settings {
  if (flags.stack === undefined) return readSettings();
  return readSettings({ ...process.env, WONDERLAND_STACK: flags.stack });
}
