/** AMQP properties as JSON and back: bytes are the one thing of a table that JSON has no word for. */
import type { WireTable } from '../../messaging/bus.ts';

/** Beside the client library's own `{'!': 'timestamp', value}`. */
const BYTES = 'bytes';

export function jsonOf(properties: WireTable): string {
  return JSON.stringify(writable(properties));
}

export function propertiesOf(json: WireTable): WireTable {
  return readable(json) as WireTable;
}

function writable(value: unknown): unknown {
  if (Buffer.isBuffer(value)) return { '!': BYTES, value: value.toString('base64') };
  return mapped(value, writable);
}

function readable(value: unknown): unknown {
  const { '!': kind, value: text } = (value ?? {}) as { '!'?: unknown; value?: unknown };
  if (kind === BYTES && typeof text === 'string') return Buffer.from(text, 'base64');
  return mapped(value, readable);
}

function mapped(value: unknown, each: (value: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map(each);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, each(field)]));
}
