import { createRequire } from 'node:module';

import { describe, expect, test } from 'vitest';

import { ByteReader, DecodeError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  decodeTable,
  EMPTY_TABLE,
  encodeTable,
  tableOf,
  textField,
  type Field,
} from './field-table.ts';
import { decodeArguments, encodeMethod } from './method-codec.ts';
import { METHODS, methodNamed, type ArgumentType, type MethodName } from './methods.ts';
import {
  readHeaderStart,
  decodeProperties,
  encodeHeader,
  isPersistentHeader,
  needsInspection,
} from './properties.ts';
import { PublishDecoder } from './publish.ts';

/** The codec of another library, as the judge of ours. */
interface Reference {
  decode(id: number, args: Buffer): Readonly<Record<string, unknown>>;
  encodeMethod(id: number, channel: number, fields: Readonly<Record<string, unknown>>): Buffer;
  encodeProperties(
    id: number,
    channel: number,
    size: number,
    fields: Readonly<Record<string, unknown>>,
  ): Buffer;
}

const reference = createRequire(import.meta.url)('amqp-codec-reference/lib/defs.js') as Reference;
const BASIC_PROPERTIES_ID = 60;
const ENVELOPE_BYTES = 7;

const SAMPLES: Readonly<Record<ArgumentType, unknown>> = {
  octet: 9,
  short: 513,
  long: 70_000,
  longlong: 5_000_000_000,
  bit: true,
  shortstr: 'käse',
  longstr: Buffer.from('bytes'),
  table: tableOf({ a: { type: 't', value: true }, b: textField('text') }),
};
/** The same values in the reference library's terms. */
const REFERENCE_SAMPLES = { ...SAMPLES, table: { a: true, b: 'text' } };

/** Methods that the reference does not know (no client sends or receives them through it). */
const names = (Object.keys(METHODS) as MethodName[]).filter(
  (name) => !['connection.update-secret-ok', 'connection.update-secret'].includes(name),
);
const idOf = (name: MethodName): number =>
  METHODS[name].classId * 0x1_0000 + METHODS[name].methodId;

/** Arguments the reference insists on or renames: reserved ones are its own business. */
const toReference = (name: MethodName): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(METHODS[name].args as Record<string, ArgumentType>).map(([key, type]) => [
      key,
      REFERENCE_SAMPLES[type],
    ]),
  );

describe('methods', () => {
  test.each(names)('%s is read by another library as we wrote it', (name) => {
    const types = METHODS[name].args as Record<string, ArgumentType>;
    const args = Object.fromEntries(
      Object.entries(types).map(([key, type]) => [key, SAMPLES[type]]),
    );
    const payload = encodeMethod(name, args as never);
    const theirs = reference.decode(idOf(name), payload.subarray(4));
    expect(Object.values(theirs)).toEqual(Object.values(toReference(name)));
  });

  test.each(names)('%s is read by us as we wrote it', (name) => {
    const types = METHODS[name].args as Record<string, ArgumentType>;
    const args = Object.fromEntries(
      Object.entries(types).map(([key, type]) => [key, SAMPLES[type]]),
    );
    const reader = new ByteReader(encodeMethod(name, args as never));
    expect(methodNamed(reader.short(), reader.short())).toBe(name);
    expect(decodeArguments(name, reader)).toEqual(args);
    expect(reader.isAtEnd).toBe(true);
  });

  test('arguments that end too early are an error', () => {
    const payload = encodeMethod('queue.bind', {
      ticket: 0,
      queue: 'q',
      exchange: 'x',
      routingKey: 'k',
      nowait: false,
      arguments: EMPTY_TABLE,
    });
    for (let length = 4; length < payload.length; length++) {
      const cut = new ByteReader(payload.subarray(0, length), 4);
      expect(() => decodeArguments('queue.bind', cut)).toThrow(DecodeError);
    }
  });

  test('publish by hand reads what another library wrote', () => {
    const decoder = new PublishDecoder();
    for (const [mandatory, immediate] of [
      [true, false],
      [false, true],
    ] as const) {
      const fields = { exchange: 'ex', routingKey: 'schlüssel', mandatory, immediate };
      const frame = reference.encodeMethod(idOf('basic.publish'), 1, fields);
      expect(decoder.decode(frame.subarray(ENVELOPE_BYTES, -1))).toMatchObject(fields);
    }
    expect(() => decoder.decode(Buffer.from([0, 60, 0, 40, 0, 0, 5]))).toThrow(DecodeError);
  });

  test('reply texts are cut to 255 octets', () => {
    const bytes = new ByteWriter().shortstr('x'.repeat(300)).finish();
    expect(bytes).toHaveLength(256);
    expect(bytes.toString('utf8', 253)).toBe('...');
  });
});

describe('field tables', () => {
  const fields: Record<string, Field> = {
    bool: { type: 't', value: false },
    byte: { type: 'b', value: -1 },
    ubyte: { type: 'B', value: 255 },
    short: { type: 's', value: -2 },
    ushort: { type: 'u', value: 65_535 },
    int: { type: 'I', value: -3 },
    uint: { type: 'i', value: 4_294_967_295 },
    long: { type: 'l', value: -5n },
    time: { type: 'T', value: 1_700_000_000n },
    float: { type: 'f', value: 0.5 },
    double: { type: 'd', value: 0.1 },
    decimal: { type: 'D', value: { scale: 2, digits: 314 } },
    text: textField('text'),
    bytes: { type: 'x', value: Buffer.from([0, 255]) },
    list: { type: 'A', value: [textField('a'), { type: 'V', value: null }] },
    table: { type: 'F', value: tableOf({ inner: textField('b') }) },
    void: { type: 'V', value: null },
  };

  test('keep every type and the order', () => {
    const table = tableOf(fields);
    const decoded = decodeTable(encodeTable(table));
    expect(decoded).toEqual(table);
    expect([...decoded.keys()]).toEqual(Object.keys(fields));
    expect(encodeTable(decoded)).toEqual(encodeTable(table));
  });

  test('refuse unknown types, wrong lengths and bottomless nesting', () => {
    expect(() => decodeTable(Buffer.from([0, 0, 0, 3, 1, 0x61, 0x3f]))).toThrow(DecodeError);
    expect(() => decodeTable(Buffer.from([0, 0, 0, 9, 1]))).toThrow(DecodeError);
    let nested = tableOf({});
    for (let depth = 0; depth < 50; depth++) nested = tableOf({ n: { type: 'F', value: nested } });
    expect(() => decodeTable(encodeTable(nested))).toThrow(DecodeError);
  });
});

describe('content headers', () => {
  const all = {
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    headers: tableOf({ a: textField('b') }),
    deliveryMode: 2,
    priority: 3,
    correlationId: 'c',
    replyTo: 'r',
    expiration: '1000',
    messageId: 'm',
    timestamp: 1_700_000_000n,
    type: 't',
    userId: 'guest',
    appId: 'app',
    clusterId: 'cluster',
  };

  test('with all fourteen properties are what another library writes', () => {
    const fields = { ...all, headers: { a: 'b' }, timestamp: 1_700_000_000 };
    const frame = reference.encodeProperties(BASIC_PROPERTIES_ID, 1, 7, fields);
    expect(encodeHeader(all, 7)).toEqual(frame.subarray(ENVELOPE_BYTES, -1));
    expect(decodeProperties(frame.subarray(ENVELOPE_BYTES, -1))).toEqual(all);
  });

  test.each(Object.keys(all) as (keyof typeof all)[])('with nothing but %s', (name) => {
    const header = encodeHeader({ [name]: all[name] }, 5_000_000_000);
    expect(decodeProperties(header)).toEqual({ [name]: all[name] });
    expect(readHeaderStart(header).bodySize).toBe(5_000_000_000);
    expect(isPersistentHeader(header)).toBe(name === 'deliveryMode');
  });

  test('are looked into only for what concerns the broker', () => {
    const inspected = (properties: object): boolean => needsInspection(encodeHeader(properties, 0));
    expect(
      inspected({ ...all, replyTo: undefined, expiration: undefined, userId: undefined }),
    ).toBe(false);
    expect(inspected({ replyTo: 'r' })).toBe(true);
    expect(inspected({ expiration: '1' })).toBe(true);
    expect(inspected({ userId: 'u' })).toBe(true);
    expect(inspected({ headers: tableOf({ BCC: { type: 'A', value: [] } }) })).toBe(true);
  });
});
