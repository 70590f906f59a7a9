/** A file system of a few megabytes that a test can fill up; only root may have one. */
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const CHUNK = Buffer.alloc(64 * 1024);

export class SmallDisk implements Disposable {
  readonly directory: string;
  readonly #filler: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.#filler = path.join(directory, 'filler');
  }

  /** Undefined where nobody may mount one. */
  static mount(megabytes: number): SmallDisk | undefined {
    const directory = mkdtempSync(path.join(tmpdir(), 'wonderland-small-'));
    try {
      const words = ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory];
      execFileSync('mount', words, { stdio: 'ignore' });
    } catch {
      rmSync(directory, { recursive: true });
      return undefined;
    }
    return new SmallDisk(directory);
  }

  /** Leaves not one page free; again and again, as long as others give some back. */
  fill(): void {
    const file = openSync(this.#filler, 'a');
    try {
      for (let size = CHUNK.length; size >= 1; size = Math.floor(size / 16)) {
        while (tryWrite(file, CHUNK.subarray(0, size)));
      }
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.#filler, { force: true });
  }

  /** Room for those who filled it themselves. */
  grow(megabytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${megabytes}m`, this.directory]);
  }

  [Symbol.dispose](): void {
    execFileSync('umount', ['--lazy', this.directory]);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function tryWrite(file: number, bytes: Buffer): boolean {
  try {
    return writeSync(file, bytes) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
