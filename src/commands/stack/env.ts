/** The body of `wonderland env`. */
import { requireRunningStack } from '../../stack/read-status.ts';
import type { CommandContext } from '../context.ts';
import type { EnvFormat } from '../env.ts';

export interface EnvOptions {
  readonly format: EnvFormat;
}

/** @throws UserError `stack-not-running`, `stack-crashed` */
export async function runEnv({ format }: EnvOptions, context: CommandContext): Promise<void> {
  const settings = await context.settings();
  const endpoints = requireRunningStack(settings);
  const { moreMediatorUrls = [], inventoryUrl, paymentUrl } = endpoints;
  const variables: Readonly<Record<string, string>> = {
    WONDERLAND_URL: endpoints.mediatorUrl,
    ...(moreMediatorUrls.length > 0 && { WONDERLAND_MORE_URLS: moreMediatorUrls.join(',') }),
    WONDERLAND_AMQP_URL: endpoints.amqpUrl,
    WONDERLAND_DATABASE_URL: endpoints.databaseUrl,
    ...(inventoryUrl !== undefined && { WONDERLAND_INVENTORY_URL: inventoryUrl }),
    ...(paymentUrl !== undefined && { WONDERLAND_PAYMENT_URL: paymentUrl }),
    WONDERLAND_NAMESPACE: endpoints.namespace,
    WONDERLAND_DATA_DIR: endpoints.dataDir,
    WONDERLAND_STACK: settings.stack,
    WONDERLAND_STATE_DIR: settings.stateDir,
  };
  context.output.result(variables, () =>
    format === 'json' ? JSON.stringify(variables, null, 2) : linesOf(variables, format),
  );
}

function linesOf(variables: Readonly<Record<string, string>>, format: 'dotenv' | 'export'): string {
  return Object.entries(variables)
    .map(([name, value]) =>
      format === 'export' ? `export ${name}=${forShell(value)}` : `${name}=${forDotenv(value)}`,
    )
    .join('\n');
}

/** POSIX: nothing is special between single quotes but the quote itself. */
export function forShell(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

function forDotenv(value: string): string {
  return /^[\w./:@%+-]*$/.test(value) ? value : JSON.stringify(value);
}
