/** The content header: fourteen optional properties behind a word of flags. Decoded only when the broker must look. */
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readTable, writeTable, type FieldTable } from './field-table.ts';

export const BASIC_CLASS = 60;
/** Class, weight and body size come before the flags. */
const FLAGS_OFFSET = 12;
const PERSISTENT = 2;

/** Types on the wire, in the order of the wire; the first has the highest flag bit. */
const PROPERTY_TYPES = {
  contentType: 'shortstr',
  contentEncoding: 'shortstr',
  headers: 'table',
  deliveryMode: 'octet',
  priority: 'octet',
  correlationId: 'shortstr',
  replyTo: 'shortstr',
  expiration: 'shortstr',
  messageId: 'shortstr',
  timestamp: 'timestamp',
  type: 'shortstr',
  userId: 'shortstr',
  appId: 'shortstr',
  clusterId: 'shortstr',
} as const;

interface PropertyValues {
  shortstr: string;
  octet: number;
  table: FieldTable;
  timestamp: bigint;
}

type PropertyName = keyof typeof PROPERTY_TYPES;

/** The properties that are present. */
export type Properties = {
  readonly [Name in PropertyName]?: PropertyValues[(typeof PROPERTY_TYPES)[Name]] | undefined;
};

const NAMES = Object.keys(PROPERTY_TYPES) as readonly PropertyName[];

const flagOf = (name: PropertyName): number => 1 << (15 - NAMES.indexOf(name));

const HEADERS_FLAG = flagOf('headers');
const DELIVERY_MODE_FLAG = flagOf('deliveryMode');
/** What needs a look inside at publish time: everything else passes through unread. */
const INSPECTED_FLAGS = flagOf('replyTo') | flagOf('expiration') | flagOf('userId');

/** What every content header starts with. @throws DecodeError when even that is not there */
export function readHeaderStart(header: Buffer): {
  readonly classId: number;
  readonly bodySize: number;
} {
  const reader = new ByteReader(header);
  const classId = reader.short();
  reader.short();
  const bodySize = reader.longlong();
  // The flags must be there too: whoever looks at them later relies on it.
  reader.short();
  return { classId, bodySize };
}

/** Does the broker have to decode this header to route the message? `CC` and `BCC` are searched as bytes. */
export function needsInspection(header: Buffer): boolean {
  const flags = header.readUInt16BE(FLAGS_OFFSET);
  if ((flags & INSPECTED_FLAGS) !== 0) return true;
  return (flags & HEADERS_FLAG) !== 0 && header.includes('CC', FLAGS_OFFSET + 2, 'latin1');
}

/** Is delivery mode 2 set? Reads just far enough to know. @throws DecodeError */
export function isPersistentHeader(header: Buffer): boolean {
  const flags = header.readUInt16BE(FLAGS_OFFSET);
  if ((flags & DELIVERY_MODE_FLAG) === 0) return false;
  const reader = new ByteReader(header, FLAGS_OFFSET + 2);
  if ((flags & flagOf('contentType')) !== 0) reader.bytes(reader.octet());
  if ((flags & flagOf('contentEncoding')) !== 0) reader.bytes(reader.octet());
  if ((flags & HEADERS_FLAG) !== 0) reader.longstr();
  return reader.octet() === PERSISTENT;
}

/** @throws DecodeError */
export function decodeProperties(header: Buffer): Properties {
  const reader = new ByteReader(header, FLAGS_OFFSET);
  const flags = reader.short();
  const properties: Partial<Record<PropertyName, unknown>> = {};
  for (const name of NAMES) {
    if ((flags & flagOf(name)) !== 0) properties[name] = readProperty(reader, name);
  }
  return properties as Properties;
}

function readProperty(reader: ByteReader, name: PropertyName): unknown {
  const type = PROPERTY_TYPES[name];
  if (type === 'table') return readTable(reader);
  return type === 'timestamp' ? reader.unsignedBig() : reader[type]();
}

/** The payload of a content header frame. */
export function encodeHeader(properties: Properties, bodySize: number): Buffer {
  const writer = new ByteWriter(128).short(BASIC_CLASS).short(0).longlong(bodySize);
  const present = NAMES.filter((name) => properties[name] !== undefined);
  writer.short(present.reduce((flags, name) => flags | flagOf(name), 0));
  for (const name of present) writeProperty(writer, name, properties[name]);
  return writer.finish();
}

function writeProperty(writer: ByteWriter, name: PropertyName, value: unknown): void {
  switch (PROPERTY_TYPES[name]) {
    case 'shortstr':
      writer.shortstr(value as string);
      break;
    case 'octet':
      writer.octet(value as number);
      break;
    case 'table':
      writeTable(writer, value as FieldTable);
      break;
    case 'timestamp':
      writer.unsignedBig(value as bigint);
      break;
  }
}
