/** From the protocol header to an open connection: what the server offers, and what it accepts. */
import { ByteReader } from './codec/byte-reader.ts';
import { EMPTY_TABLE, tableOf, textField, textOf, type Field } from './codec/field-table.ts';
import { readTable, type FieldTable } from './codec/field-table.ts';
import type { MethodArgs } from './codec/methods.ts';

/** What the server offers; a client may lower each value, 0 meaning "no limit" is refused as RabbitMQ does. */
export const TUNING = { channelMax: 2047, frameMax: 131_072, heartbeat: 60 } as const;
/** The least a peer must be able to take (specification, and amqplib insists). */
export const FRAME_MIN = 4_096;

const CAPABILITIES = [
  'publisher_confirms',
  'exchange_exchange_bindings',
  'basic.nack',
  'consumer_cancel_notify',
  'connection.blocked',
  'consumer_priorities',
  'authentication_failure_close',
  'per_consumer_qos',
  'direct_reply_to',
];

/** connection.start: clients refuse to use what is not announced here. */
export const START: MethodArgs<'connection.start'> = {
  versionMajor: 0,
  versionMinor: 9,
  serverProperties: tableOf({
    capabilities: { type: 'F', value: capabilityTable() },
    cluster_name: textField('wonderland'),
    copyright: textField('MIT licence'),
    information: textField('Behaves as RabbitMQ 3.10 does, as far as it goes'),
    platform: textField('Node.js'),
    product: textField('Wonderland'),
    version: textField('0.1.0'),
  }),
  mechanisms: Buffer.from('PLAIN AMQPLAIN'),
  locales: Buffer.from('en_US'),
};

function capabilityTable(): FieldTable {
  return new Map(CAPABILITIES.map((name): [string, Field] => [name, { type: 't', value: true }]));
}

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** Reads the login of either mechanism; undefined for another mechanism. @throws DecodeError */
export function readCredentials(args: MethodArgs<'connection.start-ok'>): Credentials | undefined {
  if (args.mechanism === 'PLAIN') return readPlain(args.response);
  if (args.mechanism === 'AMQPLAIN') return readAmqplain(args.response);
  return undefined;
}

/** Authorization identity, user and password, each behind a zero octet (RFC 4616). */
function readPlain(response: Buffer): Credentials {
  const [, user = '', password = ''] = response.toString().split('\0');
  return { user, password };
}

/** A field table without its length. */
function readAmqplain(response: Buffer): Credentials {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(response.length);
  const table = readTable(new ByteReader(Buffer.concat([length, response])));
  return { user: textOf(table.get('LOGIN')) ?? '', password: textOf(table.get('PASSWORD')) ?? '' };
}

/** Does the client announce that it understands this? */
export function hasCapability(clientProperties: FieldTable, name: string): boolean {
  const field = clientProperties.get('capabilities');
  const capabilities = field?.type === 'F' ? field.value : EMPTY_TABLE;
  return capabilities.get(name)?.value === true;
}

/** Are the values a client chose within the offer? */
export function isTuningAccepted(args: MethodArgs<'connection.tune-ok'>): boolean {
  return (
    args.frameMax >= FRAME_MIN &&
    args.frameMax <= TUNING.frameMax &&
    args.channelMax <= TUNING.channelMax
  );
}
