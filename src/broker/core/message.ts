/** A published message: immutable, shared by every queue that holds a copy. */
import { decodeProperties, isPersistentHeader, type Properties } from '../codec/properties.ts';
import { DecodeError } from '../codec/byte-reader.ts';
import { ByteWriter } from '../codec/byte-writer.ts';
import type { FieldTable } from '../codec/field-table.ts';

export interface MessageParts {
  /** Exchange and routing key as two shortstr, as publish, deliver, return and get-ok all have them. */
  readonly address: Buffer;
  readonly exchange: string;
  readonly routingKey: string;
  /** Payload of the content header frame, byte for byte as it came. */
  readonly header: Buffer;
  readonly body: Buffer;
}

export class Message {
  readonly address: Buffer;
  readonly exchange: string;
  readonly routingKey: string;
  readonly header: Buffer;
  readonly body: Buffer;
  readonly isPersistent: boolean;
  /** Queue entries that hold this message, in memory. */
  references = 0;
  /** Row in the store's message table; 0 while it is not written. */
  row = 0;
  /** Queue entries of this message that are on disk. */
  storedEntries = 0;
  #properties: Properties | undefined;

  constructor(parts: MessageParts) {
    this.address = parts.address;
    this.exchange = parts.exchange;
    this.routingKey = parts.routingKey;
    this.header = parts.header;
    this.body = parts.body;
    this.isPersistent = isPersistentHeader(parts.header);
  }

  /** Decoded on first use. A header that cannot be read is passed on unread, as if it held nothing. */
  get properties(): Properties {
    this.#properties ??= tryDecode(this.header);
    return this.#properties;
  }

  get headers(): FieldTable | undefined {
    return this.properties.headers;
  }

  /** Bytes this message keeps in memory. */
  get bytes(): number {
    return this.address.length + this.header.length + this.body.length;
  }
}

function tryDecode(header: Buffer): Properties {
  try {
    return decodeProperties(header);
  } catch (error) {
    if (error instanceof DecodeError) return {};
    throw error;
  }
}

/** Exchange and routing key in their wire form. */
export function encodeAddress(exchange: string, routingKey: string): Buffer {
  return new ByteWriter(64).shortstr(exchange).shortstr(routingKey).finish();
}
