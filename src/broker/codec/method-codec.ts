/** Table-driven coding of methods; the few hot ones have hand-written twins in `publish.ts` and `delivery.ts`. */
import type { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readTable, writeTable, type FieldTable } from './field-table.ts';
import { METHODS, type ArgumentType, type MethodArgs, type MethodName } from './methods.ts';

/** Reads the arguments behind the class and method id. @throws DecodeError */
export function decodeArguments<Name extends MethodName>(
  name: Name,
  reader: ByteReader,
): MethodArgs<Name> {
  const args: Record<string, unknown> = {};
  let bits = 0;
  let bitsUsed = 0;
  for (const [key, type] of Object.entries(METHODS[name].args) as [string, ArgumentType][]) {
    if (type !== 'bit') {
      bitsUsed = 0;
      args[key] = readArgument(reader, type);
      continue;
    }
    // Consecutive bits share octets, lowest bit first.
    if (bitsUsed % 8 === 0) bits = reader.octet();
    args[key] = (bits & (1 << (bitsUsed % 8))) !== 0;
    bitsUsed++;
  }
  return args as MethodArgs<Name>;
}

function readArgument(reader: ByteReader, type: Exclude<ArgumentType, 'bit'>): unknown {
  return type === 'table' ? readTable(reader) : reader[type]();
}

/** The payload of a method frame: ids and arguments. */
export function encodeMethod<Name extends MethodName>(name: Name, args: MethodArgs<Name>): Buffer {
  const { classId, methodId, args: types } = METHODS[name];
  const writer = new ByteWriter(64).short(classId).short(methodId);
  const bits: boolean[] = [];
  for (const [key, type] of Object.entries(types) as [string, ArgumentType][]) {
    const value = (args as Readonly<Record<string, unknown>>)[key];
    if (type === 'bit') {
      bits.push(value === true);
    } else {
      writeBits(writer, bits.splice(0));
      writeArgument(writer, type, value);
    }
  }
  writeBits(writer, bits);
  return writer.finish();
}

function writeBits(writer: ByteWriter, bits: readonly boolean[]): void {
  for (let start = 0; start < bits.length; start += 8) {
    let octet = 0;
    bits.slice(start, start + 8).forEach((bit, index) => {
      if (bit) octet |= 1 << index;
    });
    writer.octet(octet);
  }
}

function writeArgument(
  writer: ByteWriter,
  type: Exclude<ArgumentType, 'bit'>,
  value: unknown,
): void {
  switch (type) {
    case 'shortstr':
      writer.shortstr(value as string);
      break;
    case 'longstr':
      writer.longstr(value as Buffer);
      break;
    case 'table':
      writeTable(writer, value as FieldTable);
      break;
    case 'octet':
    case 'short':
    case 'long':
    case 'longlong':
      writer[type](value as number);
      break;
  }
}
