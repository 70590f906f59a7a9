/** The history of the payment schema. A published step is never edited. */
import type { Migration } from '../../storage/migration.ts';
import { SQLITE_INBOX } from '../../storage/sqlite-inbox.ts';

/**
 * `ledger` is where an order's payment stands, `ledger_entry` every movement of money, never changed.
 * `provider_charge` is not ours: it is the memory of the simulated provider, who shares only the file.
 */
export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'ledger and provider',
    sql: `
      ${SQLITE_INBOX}
      CREATE TABLE ledger (
        order_id TEXT PRIMARY KEY,
        idempotency_key TEXT UNIQUE,
        request_hash TEXT,
        method_kind TEXT,
        state TEXT NOT NULL
          CHECK (state IN ('PENDING', 'CAPTURED', 'DECLINED', 'VOIDED', 'REFUNDED')),
        amount_cents INTEGER NOT NULL CHECK (amount_cents >= 0),
        captured_cents INTEGER NOT NULL CHECK (captured_cents IN (0, amount_cents)),
        refunded_cents INTEGER NOT NULL CHECK (refunded_cents IN (0, captured_cents)),
        payment_id TEXT,
        reason TEXT,
        created_at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE TABLE ledger_entry (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        order_id TEXT NOT NULL REFERENCES ledger,
        kind TEXT NOT NULL CHECK (kind IN ('capture', 'return')),
        cents INTEGER NOT NULL CHECK (cents >= 0),
        at INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX ledger_entry_order ON ledger_entry (order_id);
      CREATE TRIGGER ledger_entry_is_never_changed BEFORE UPDATE ON ledger_entry
        BEGIN SELECT raise(ABORT, 'a ledger entry is never changed'); END;
      CREATE TRIGGER ledger_entry_is_never_deleted BEFORE DELETE ON ledger_entry
        BEGIN SELECT raise(ABORT, 'a ledger entry is never deleted'); END;
      CREATE TABLE provider_charge (
        idempotency_key TEXT PRIMARY KEY,
        order_id TEXT NOT NULL,
        charge_id TEXT NOT NULL,
        amount_cents INTEGER NOT NULL,
        outcome TEXT NOT NULL
          CHECK (outcome IN ('processing', 'captured', 'declined', 'cancelled', 'returned')),
        reason TEXT,
        settles_at INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX provider_charge_order ON provider_charge (order_id);
    `,
  },
];
