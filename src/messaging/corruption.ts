/** Breaking messages so that nobody can read them: each way is one that poison really comes in. */
import type { Corruption } from '../contracts/faults.ts';
import type { Random } from '../kernel/random.ts';
import type { RawMessage } from './bus.ts';
import { headersOf } from './dead-letter.ts';

/** Nobody will ever publish it. */
const NO_VERSION = 2_147_483_647;

const WAYS: Readonly<Record<Corruption, (raw: RawMessage, random: Random) => RawMessage>> = {
  /** The body is torn off somewhere. */
  json: (raw, random) => ({ ...raw, content: torn(raw.content, random) }),
  /** JSON, but what no contract allows. */
  body: (raw) => ({ ...raw, content: Buffer.from(JSON.stringify('torn out')) }),
  /** Nobody published it. */
  type: (raw, random) => withProperties(raw, { type: `torn.${random.integer(100_000, 999_999)}` }),
  version: (raw) => withProperties(raw, { headers: { ...headersOf(raw), version: NO_VERSION } }),
  /** It has no id. */
  properties: (raw) => withProperties(raw, { messageId: undefined }),
};

/** The message, so that acceptance refuses it. */
export function corrupted(raw: RawMessage, what: Corruption, random: Random): RawMessage {
  return WAYS[what](raw, random);
}

/** A beginning that something begins in: never JSON, whatever it was. */
function torn(content: Buffer, random: Random): Buffer {
  const kept = random.integer(0, Math.max(0, content.length - 1));
  return Buffer.concat([content.subarray(0, kept), Buffer.from('{')]);
}

function withProperties(raw: RawMessage, changes: Readonly<Record<string, unknown>>): RawMessage {
  const properties = Object.entries({ ...raw.properties, ...changes });
  return {
    ...raw,
    properties: Object.fromEntries(properties.filter(([, value]) => value !== undefined)),
  };
}
