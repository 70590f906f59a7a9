/** How this process was called: read here because only config/ may look at the environment, and without a schema because help must be fast. */

export interface Invocation {
  /** What the user types to start the program. */
  readonly program: 'wonderland' | 'npx wonderland';
  /** The stack that is meant, when it is not the default one. */
  readonly stack: string | undefined;
}

/** npm tells a program that it was started by `npx` or `npm exec`, and not by `npm run`. */
export function readInvocation(
  flags: { readonly stack?: string | undefined },
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Invocation {
  const isNpx =
    environment['npm_lifecycle_event'] === 'npx' || environment['npm_command'] === 'exec';
  const stack = flags.stack ?? environment['WONDERLAND_STACK'];
  return {
    program: isNpx ? 'npx wonderland' : 'wonderland',
    stack: stack === '' || stack === 'default' ? undefined : stack,
  };
}
