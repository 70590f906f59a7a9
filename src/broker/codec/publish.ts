/** Reads basic.publish by hand: it is the method a broker sees most. */
import { DecodeError } from './byte-reader.ts';

/** Class id, method id and the unused ticket. */
const ADDRESS_OFFSET = 6;
const MANDATORY = 1;
const IMMEDIATE = 2;

export interface Publish {
  readonly exchange: string;
  readonly routingKey: string;
  /** Exchange and routing key as they came; a copy that may be kept. */
  readonly address: Buffer;
  readonly mandatory: boolean;
  readonly immediate: boolean;
}

/** Remembers the last address of a channel: publishers rarely change it, and decoding text is what costs. */
export class PublishDecoder {
  #last: Pick<Publish, 'exchange' | 'routingKey' | 'address'> | undefined;

  /** Decodes the payload of a basic.publish frame. @throws DecodeError */
  decode(payload: Buffer): Publish {
    const keyAt = ADDRESS_OFFSET + 1 + (payload[ADDRESS_OFFSET] ?? 0);
    const bitsAt = keyAt + 1 + (payload[keyAt] ?? 0);
    const bits = payload[bitsAt];
    if (bits === undefined) throw new DecodeError('the bytes end too early');
    let last = this.#last;
    if (last === undefined || last.address.compare(payload, ADDRESS_OFFSET, bitsAt) !== 0) {
      last = {
        exchange: payload.toString('utf8', ADDRESS_OFFSET + 1, keyAt),
        routingKey: payload.toString('utf8', keyAt + 1, bitsAt),
        address: Buffer.from(payload.subarray(ADDRESS_OFFSET, bitsAt)),
      };
      this.#last = last;
    }
    return {
      exchange: last.exchange,
      routingKey: last.routingKey,
      address: last.address,
      mandatory: (bits & MANDATORY) !== 0,
      immediate: (bits & IMMEDIATE) !== 0,
    };
  }
}
