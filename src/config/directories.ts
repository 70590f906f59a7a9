/** Where the user stands: only config/ asks the process. */

/** Absolute; relative paths on the command line start here. */
export function workingDirectory(): string {
  return process.cwd();
}
