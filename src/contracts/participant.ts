/** The answer that any participant may give instead of its own: not now. */
import { z } from 'zod';

import { defineMessage } from './message.ts';
import { ShortText } from './primitives.ts';

export const retryLater = defineMessage({
  name: 'participant.retry-later',
  version: 1,
  kind: 'reply',
  owner: 'shared',
  about: 'Nothing was done; the same command under the same id may succeed after the pause.',
  body: z.strictObject({ afterMs: z.int().min(1).max(600_000), reason: ShortText }),
});

export const ping = defineMessage({
  name: 'participant.ping',
  version: 1,
  kind: 'query',
  owner: 'shared',
  about: 'The canary: goes the way every command goes and comes back.',
  body: z.strictObject({ nonce: z.string().min(1).max(64) }),
});

export const pong = defineMessage({
  name: 'participant.pong',
  version: 1,
  kind: 'reply',
  owner: 'shared',
  about: 'The canary came through.',
  body: z.strictObject({ nonce: z.string().min(1).max(64), service: z.string().min(1).max(64) }),
});
