/** The header in which quorum queues tell how often a message came back. */
import { EMPTY_TABLE, type Field } from '../codec/field-table.ts';
import { encodeHeader } from '../codec/properties.ts';
import type { QueueEntry } from './entry.ts';

/** The content of an entry with `x-delivery-count` set; the shared message stays as it is. */
export function withDeliveryCount({ message, deliveryCount }: QueueEntry): {
  readonly header: Buffer;
  readonly body: Buffer;
} {
  const count: Field = { type: 'l', value: BigInt(deliveryCount) };
  const headers = new Map([...(message.headers ?? EMPTY_TABLE), ['x-delivery-count', count]]);
  const header = encodeHeader({ ...message.properties, headers }, message.body.length);
  return { header, body: message.body };
}
