/** Field tables (headers, arguments) with the types they had on the wire, so that nothing is lost on the way through. */
import { ByteReader, DecodeError } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';

/** One typed value; `type` is RabbitMQ's tag octet (its errata, not the tags of the specification). */
export type Field =
  | { readonly type: 't'; readonly value: boolean }
  | {
      readonly type: 'b' | 'B' | 's' | 'u' | 'I' | 'i' | 'f' | 'd';
      readonly value: number;
    }
  | { readonly type: 'l' | 'T'; readonly value: bigint }
  | { readonly type: 'D'; readonly value: { readonly scale: number; readonly digits: number } }
  | { readonly type: 'S' | 'x'; readonly value: Buffer }
  | { readonly type: 'A'; readonly value: readonly Field[] }
  | { readonly type: 'F'; readonly value: FieldTable }
  | { readonly type: 'V'; readonly value: null };

/** Names to values, in the order of the wire. */
export type FieldTable = ReadonlyMap<string, Field>;

export const EMPTY_TABLE: FieldTable = new Map();

/** Nesting deeper than this is an attack, not a header. */
const MAX_DEPTH = 32;

/** The names RabbitMQ gives the types in its error texts. */
const TYPE_NAMES: Readonly<Record<Field['type'], string>> = {
  t: 'bool',
  b: 'byte',
  B: 'unsignedbyte',
  s: 'short',
  u: 'unsignedshort',
  I: 'signedint',
  i: 'unsignedint',
  l: 'long',
  f: 'float',
  d: 'double',
  D: 'decimal',
  S: 'longstr',
  x: 'binary',
  A: 'array',
  F: 'table',
  T: 'timestamp',
  V: 'void',
};

export function typeNameOf(field: Field): string {
  return TYPE_NAMES[field.type];
}

/** Text as a `longstr` field. */
export function textField(text: string): Field {
  return { type: 'S', value: Buffer.from(text) };
}

/** A table of nested names, for the properties a peer announces. */
export function tableOf(fields: Readonly<Record<string, Field>>): FieldTable {
  return new Map(Object.entries(fields));
}

/** The text of a `longstr` field, or undefined for an absent field or another type. */
export function textOf(field: Field | undefined): string | undefined {
  return field?.type === 'S' ? field.value.toString() : undefined;
}

/** A field's value for error texts and comparisons: text as it is, the rest as JSON. */
export function showValue(field: Field): string {
  return textOf(field) ?? JSON.stringify(field.value, plainNumber);
}

function plainNumber(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value;
}

/** The value of any integer field, or undefined for an absent field or another type. */
export function integerOf(field: Field | undefined): number | undefined {
  if (field === undefined) return undefined;
  if (field.type === 'l') return Number(field.value);
  return 'bBsuIi'.includes(field.type) ? (field.value as number) : undefined;
}

/** @throws DecodeError when a length or a type tag makes no sense. */
export function readTable(reader: ByteReader, depth = 0): FieldTable {
  const inner = new ByteReader(reader.longstr());
  if (inner.isAtEnd) return EMPTY_TABLE;
  const table = new Map<string, Field>();
  while (!inner.isAtEnd) table.set(inner.shortstr(), readField(inner, depth));
  return table;
}

function readArray(reader: ByteReader, depth: number): readonly Field[] {
  const inner = new ByteReader(reader.longstr());
  const items: Field[] = [];
  while (!inner.isAtEnd) items.push(readField(inner, depth));
  return items;
}

function readField(reader: ByteReader, depth: number): Field {
  if (depth > MAX_DEPTH) throw new DecodeError('tables are nested too deeply');
  const type = String.fromCharCode(reader.octet()) as Field['type'];
  switch (type) {
    case 't':
      return { type, value: reader.octet() !== 0 };
    case 'b':
      return { type, value: reader.signedOctet() };
    case 'B':
      return { type, value: reader.octet() };
    case 's':
      return { type, value: reader.signedShort() };
    case 'u':
      return { type, value: reader.short() };
    case 'I':
      return { type, value: reader.signedLong() };
    case 'i':
      return { type, value: reader.long() };
    case 'l':
      return { type, value: reader.signedBig() };
    case 'T':
      return { type, value: reader.unsignedBig() };
    case 'f':
      return { type, value: reader.float() };
    case 'd':
      return { type, value: reader.double() };
    case 'D':
      return { type, value: { scale: reader.octet(), digits: reader.long() } };
    case 'S':
    case 'x':
      // A copy: tables outlive the chunk they came in (arguments, bindings).
      return { type, value: Buffer.from(reader.longstr()) };
    case 'A':
      return { type, value: readArray(reader, depth + 1) };
    case 'F':
      return { type, value: readTable(reader, depth + 1) };
    case 'V':
      return { type, value: null };
    default:
      throw new DecodeError(`unknown field type ${JSON.stringify(type)}`);
  }
}

export function writeTable(writer: ByteWriter, table: FieldTable): void {
  writer.prefixed(() => {
    for (const [name, field] of table) {
      writer.shortstr(name);
      writeField(writer, field);
    }
  });
}

function writeField(writer: ByteWriter, field: Field): void {
  writer.octet(field.type.charCodeAt(0));
  switch (field.type) {
    case 't':
      writer.octet(field.value ? 1 : 0);
      break;
    case 'b':
    case 'B':
      writer.octet(field.value);
      break;
    case 's':
    case 'u':
      writer.short(field.value);
      break;
    case 'I':
    case 'i':
      writer.long(field.value);
      break;
    case 'l':
    case 'T':
      writer.unsignedBig(field.value);
      break;
    case 'f':
      writer.float(field.value);
      break;
    case 'd':
      writer.double(field.value);
      break;
    case 'D':
      writer.octet(field.value.scale).long(field.value.digits);
      break;
    case 'S':
    case 'x':
      writer.longstr(field.value);
      break;
    case 'A': {
      const items = field.value;
      writer.prefixed(() => items.forEach((item) => writeField(writer, item)));
      break;
    }
    case 'F':
      writeTable(writer, field.value);
      break;
    case 'V':
      break;
  }
}

/** The table as bytes, its length included: the form in which the store keeps arguments. */
export function encodeTable(table: FieldTable): Buffer {
  const writer = new ByteWriter(64);
  writeTable(writer, table);
  return writer.finish();
}

/** @throws DecodeError */
export function decodeTable(bytes: Buffer): FieldTable {
  return readTable(new ByteReader(bytes));
}
