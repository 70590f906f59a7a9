/** The ids of armed faults, for completion: silence when no stack answers. */
import type { CommandContext } from '../context.ts';
import { openFaults } from './connection.ts';
import { rowsOf, type FaultRow } from './rows.ts';

export async function armedIds(context: CommandContext): Promise<readonly FaultRow[]> {
  try {
    await using faults = await openFaults(context);
    return rowsOf((await faults.control.list()).parts);
  } catch {
    return [];
  }
}
