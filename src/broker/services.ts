/** What all connections of a broker share. */
import type { Clock } from '../kernel/clock.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/logger.ts';
import type { MemoryGauge } from './memory-gauge.ts';
import type { ReplyAddresses } from './reply-addresses.ts';
import type { Store } from './store.ts';
import type { VirtualHost } from './vhost.ts';

export interface Services {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly store: Store;
  readonly memory: MemoryGauge;
  readonly replies: ReplyAddresses;
  readonly vhosts: ReadonlyMap<string, VirtualHost>;
  /** Is this the password of the user? */
  authenticate(user: string, password: string): boolean;
}

/** A name nobody else has, in RabbitMQ's shape: the prefix and 22 characters. */
export function generateName(prefix: string, ids: Ids): string {
  return prefix + Buffer.from(ids.hex(16), 'hex').toString('base64url');
}
