/** Messages and their places in queues, as rows of the data file. */
import { ByteReader } from './codec/byte-reader.ts';
import { Message } from './core/message.ts';
import type { Connection } from './sqlite-schema.ts';

export interface EntryRow {
  queue: number;
  seq: number;
  message: number;
  expires_at: number | null;
  redelivered: number;
  delivery_count: number;
  address: Buffer;
  header: Buffer;
  body: Buffer;
}

export function toMessage(row: EntryRow): Message {
  const address = new ByteReader(row.address);
  const message = new Message({
    address: row.address,
    exchange: address.shortstr(),
    routingKey: address.shortstr(),
    header: row.header,
    body: row.body,
  });
  message.row = row.message;
  return message;
}

export function prepareStatements(database: Connection) {
  return {
    begin: database.prepare('BEGIN'),
    commit: database.prepare('COMMIT'),
    rollback: database.prepare('ROLLBACK'),
    addMessage: database.prepare('INSERT INTO message VALUES (?, ?, ?, ?)'),
    addEntry: database.prepare('INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)'),
    changeEntry: database.prepare(
      'UPDATE entry SET redelivered = ?, delivery_count = ? WHERE queue = ? AND seq = ?',
    ),
    removeEntry: database.prepare('DELETE FROM entry WHERE queue = ? AND seq = ?'),
    removeMessage: database.prepare('DELETE FROM message WHERE id = ?'),
    lastMessage: database.prepare('SELECT coalesce(max(id), 0) FROM message').pluck(),
    readEntries: database.prepare(
      `SELECT entry.*, address, header, body FROM entry JOIN message ON message.id = entry.message
       ORDER BY queue, seq`,
    ),
  };
}
