/** Finds out which process listens on a port. */
import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import os from 'node:os';
import { promisify } from 'node:util';

export interface PortHolder {
  /** Absent when the process belongs to somebody else and we may not look. */
  readonly pid?: number;
  /** Command line, shortened. */
  readonly command?: string;
  /** The stack that it belongs to, when it is a part of one. */
  readonly stack?: { readonly name: string; readonly stateDir: string };
  /** User id of the owner, where the system says so. */
  readonly uid?: number;
}

const COMMAND_LENGTH = 120;
const LISTENING = '0A';

/** Undefined when nothing can be found out. */
export async function findHolder(port: number): Promise<PortHolder | undefined> {
  return os.platform() === 'linux' ? findOnLinux(port) : findWithLsof(port);
}

interface Listener {
  readonly inode: string;
  readonly uid: number;
}

async function findOnLinux(port: number): Promise<PortHolder | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'latin1').catch(() => '')),
  );
  const listener = tables.flatMap((table) => parseTable(table, port))[0];
  if (listener === undefined) return undefined;
  const pid = await findOwner(`socket:[${listener.inode}]`);
  if (pid === undefined) return { uid: listener.uid };
  const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const stack = await findStack(pid);
  return {
    pid,
    uid: listener.uid,
    command: shorten(words.split('\0').join(' ')),
    ...(stack === undefined ? {} : { stack }),
  };
}

/** Parts find the place of their stack in their environment, and so do we. */
async function findStack(pid: number): Promise<PortHolder['stack']> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  const valueOf = (name: string): string | undefined =>
    text
      .split('\0')
      .find((each) => each.startsWith(`${name}=`))
      ?.slice(name.length + 1);
  const stateDir = valueOf('WONDERLAND_STATE_DIR');
  const name = valueOf('WONDERLAND_STACK');
  return stateDir === undefined || name === undefined ? undefined : { name, stateDir };
}

/** Listeners on a port in the format of /proc/net/tcp: address:port in hex, state, uid, inode. */
export function parseTable(table: string, port: number): readonly Listener[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === LISTENING)
    .map((fields) => ({ uid: Number(fields[7]), inode: fields[9] ?? '' }));
}

async function findOwner(target: string): Promise<number | undefined> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(
      descriptors.map((name) => readlink(`/proc/${pid}/fd/${name}`).catch(() => '')),
    );
    if (links.includes(target)) return Number(pid);
  }
  return undefined;
}

/** `-F pc`: one line `p<pid>` and one `c<command>`. */
async function findWithLsof(port: number): Promise<PortHolder | undefined> {
  const words = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-F', 'pc'];
  const found = await promisify(execFile)('lsof', words, { timeout: 3_000 }).catch(() => undefined);
  const lines = found?.stdout.split('\n') ?? [];
  const pid = Number(lines.find((line) => line.startsWith('p'))?.slice(1));
  const command = lines.find((line) => line.startsWith('c'))?.slice(1) ?? '';
  return pid > 0 ? { pid, command: shorten(command) } : undefined;
}

function shorten(text: string): string {
  const clean = text.trim().replaceAll(/\s+/g, ' ');
  return clean.length > COMMAND_LENGTH ? `${clean.slice(0, COMMAND_LENGTH)}…` : clean;
}
