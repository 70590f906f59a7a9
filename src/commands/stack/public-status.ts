/** A stack's status without passwords: what `up` and `ps` may print. */
import type { Endpoints, StackStatus } from '../../stack/stack-status.ts';

/** The status with the URLs as anybody may see them. */
export function publicStatus(status: StackStatus): StackStatus {
  const endpoints = publicEndpoints(status);
  return endpoints === undefined ? status : { ...status, endpoints };
}

export function publicEndpoints({ endpoints }: StackStatus): Endpoints | undefined {
  if (endpoints === undefined) return undefined;
  const { inventoryUrl, paymentUrl } = endpoints;
  return {
    ...endpoints,
    amqpUrl: withoutPassword(endpoints.amqpUrl),
    databaseUrl: withoutPassword(endpoints.databaseUrl),
    ...(inventoryUrl !== undefined && { inventoryUrl: withoutPassword(inventoryUrl) }),
    ...(paymentUrl !== undefined && { paymentUrl: withoutPassword(paymentUrl) }),
  };
}

function withoutPassword(text: string): string {
  const url = new URL(text);
  url.password = '';
  return url.href;
}
