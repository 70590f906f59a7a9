/** Tells one process from another that later got the same number: a PID with its time of birth. */
import { execFileSync, type StdioOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';

export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal for the same process only. Empty when the system would not tell. */
  readonly born: string;
}

/** The identity of a process that runs now, or undefined when there is none. A zombie is none. */
export function identify(pid: number): ProcessIdentity | undefined {
  const born = os.platform() === 'linux' ? bornOnLinux(pid) : bornElsewhere(pid);
  return born === undefined ? undefined : { pid, born };
}

/** Is this very process still running? */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identify(identity.pid);
  return now !== undefined && now.born === identity.born;
}

/** Field 22 of /proc/PID/stat, after the name in parentheses, which may itself hold spaces. */
function bornOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : (fields[19] ?? '');
  } catch {
    return undefined;
  }
}

function bornElsewhere(pid: number): string | undefined {
  try {
    const words = ['-o', 'stat=,lstart=', '-p', String(pid)];
    const text = execFileSync('ps', words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [state, ...start] = text.trim().split(/\s+/);
    return state === undefined || state === '' || state.startsWith('Z')
      ? undefined
      : start.join(' ');
  } catch {
    return undefined;
  }
}

/** Is it stopped by a signal, so that it does nothing until it is told to go on? */
export function isFrozen(pid: number): boolean {
  return stateLetterOf(pid).startsWith('T');
}

/** As `ps` has it, such as `S`, `T` or `Ss+`; empty when there is no such process. */
function stateLetterOf(pid: number): string {
  try {
    if (os.platform() !== 'linux') {
      const stdio: StdioOptions = ['ignore', 'pipe', 'ignore'];
      const words = ['-o', 'stat=', '-p', String(pid)];
      return execFileSync('ps', words, { encoding: 'utf8', stdio }).trim();
    }
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2);
  } catch {
    return '';
  }
}

/** Sends a signal; false when there is no such process (any more). */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Kills a process group by its leader's number; false when nobody is left in it. */
export function killGroup(leader: number): boolean {
  try {
    return process.kill(-leader, 'SIGKILL');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH' || code === 'EPERM') return false;
    throw error;
  }
}
