/** `state.json`: what the supervisor last knew, for everybody who comes after its death. */
import { isAlive, type ProcessIdentity } from './process-identity.ts';
import { readJson, writeJson, type StackFiles } from './stack-files.ts';
import type { PartStatus, StackStatus } from './stack-status.ts';

export interface StateFile {
  readonly schemaVersion: 1;
  readonly supervisor: ProcessIdentity;
  /** Processes of parts; each leads a group. */
  readonly processes: readonly ProcessIdentity[];
  readonly status: StackStatus;
}

export function readState(files: StackFiles): StateFile | undefined {
  return readJson(files.state) as StateFile | undefined;
}

export function writeState(files: StackFiles, state: Omit<StateFile, 'schemaVersion'>): void {
  writeJson(files.state, { schemaVersion: 1, ...state });
}

/** The state as it must be now: a supervisor that died without a goodbye means `crashed`. */
export function truthOf(state: StateFile | undefined, name: string): StackStatus {
  if (state === undefined) return { name, engine: 'embedded', state: 'stopped', parts: [] };
  if (state.status.state === 'stopped' || isAlive(state.supervisor)) return state.status;
  const { supervisorPid: _dead, probeError: _old, ...status } = state.status;
  const survivors = new Set(state.processes.filter(isAlive).map(({ pid }) => pid));
  return {
    ...status,
    state: 'crashed',
    parts: status.parts.map((part) => afterCrash(part, survivors)),
  };
}

/** A part leaves when its supervisor is gone, but that takes it a moment. */
function afterCrash(part: PartStatus, survivors: ReadonlySet<number>): PartStatus {
  if (part.pid !== undefined && survivors.has(part.pid)) return part;
  const { pid: _gone, ...rest } = part;
  return part.state === 'failed' ? rest : { ...rest, state: 'stopped' };
}
