/** All processes below one, so that a pause or a kill reaches every one of them. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import os from 'node:os';

import { killGroup, sendSignal } from './process-identity.ts';

/** The process and everything below it, parents first. */
export function familyOf(pid: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const [child, parent] of os.platform() === 'linux' ? readProc() : readPs()) {
    children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  const family = [pid];
  for (const member of family) family.push(...(children.get(member) ?? []));
  return family;
}

/**
 * Kills a process group with everything below its leader. Some leave the group (each process of PostgreSQL
 * does) and see for themselves that they are orphans, but not while they are frozen.
 */
export function killFamily(leader: number): void {
  for (const member of familyOf(leader)) sendSignal(member, 'SIGKILL');
  killGroup(leader);
}

type Kinship = readonly [child: number, parent: number];

function readProc(): readonly Kinship[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name): Kinship[] => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return [[Number(name), parent]];
      } catch {
        return []; // it ended while we looked
      }
    });
}

function readPs(): readonly Kinship[] {
  const text = execFileSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' });
  return text.split('\n').map((line): Kinship => {
    const [child, parent] = line.trim().split(/\s+/).map(Number);
    return [child ?? 0, parent ?? 0];
  });
}
