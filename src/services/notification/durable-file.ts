/** A file that is there as a whole or not at all, and stays there when the power goes. */
import { open, rename } from 'node:fs/promises';
import path from 'node:path';

/** Readers never see half of it: written beside its place, synced, and renamed into it. */
export async function writeDurably(file: string, content: Uint8Array): Promise<void> {
  const folder = path.dirname(file);
  // Another process may be writing the same mail: each has a draft of its own.
  const draft = path.join(folder, `.${path.basename(file)}.${process.pid}.draft`);
  await withFile(draft, 'w', async (handle) => {
    await handle.writeFile(content);
    await handle.sync();
  });
  await rename(draft, file);
  await withFile(folder, 'r', (handle) => handle.sync());
}

async function withFile(
  file: string,
  flags: string,
  use: (handle: Awaited<ReturnType<typeof open>>) => Promise<void>,
): Promise<void> {
  const handle = await open(file, flags);
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}
