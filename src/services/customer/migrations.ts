/** The customer service's schema in PostgreSQL, step by step. */
import type { Migration } from '../../storage/migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    name: 'profiles, order history, inbox',
    // A history entry has no foreign key to its profile: the order is paid, so it is recorded even when
    // nobody registered the customer. Ids sort by byte, whatever the database's locale is.
    sql: `
      CREATE TABLE profile (
        id text COLLATE "C" PRIMARY KEY,
        name text NOT NULL,
        email text NOT NULL,
        street text NOT NULL,
        postal_code text NOT NULL,
        city text NOT NULL,
        country char(2) NOT NULL,
        run text
      );
      CREATE TABLE order_history (
        order_id uuid PRIMARY KEY,
        customer_id text COLLATE "C" NOT NULL,
        lines jsonb NOT NULL,
        total_cents int NOT NULL CHECK (total_cents >= 0),
        currency char(3) NOT NULL,
        recorded_at bigint NOT NULL
      );
      CREATE INDEX order_history_of_customer ON order_history (customer_id, recorded_at DESC);
      CREATE TABLE inbox (
        message_id text COLLATE "C" PRIMARY KEY,
        saga_id text COLLATE "C" NOT NULL,
        reply jsonb NOT NULL
      );
      CREATE INDEX inbox_of_saga ON inbox (saga_id);
    `,
  },
  {
    version: 2,
    name: 'cancelled orders',
    // A cancel may overtake its record: the row is then a tombstone without an order in it, and the record
    // that comes late fills it in, but does not make it stand.
    sql: `
      ALTER TABLE order_history
        ADD COLUMN cancelled_at bigint,
        ALTER COLUMN customer_id DROP NOT NULL,
        ALTER COLUMN lines DROP NOT NULL,
        ALTER COLUMN total_cents DROP NOT NULL,
        ALTER COLUMN currency DROP NOT NULL,
        ALTER COLUMN recorded_at DROP NOT NULL,
        ADD CONSTRAINT order_or_tombstone CHECK (
          num_nulls(customer_id, lines, total_cents, currency, recorded_at) = 0
          OR (cancelled_at IS NOT NULL
            AND num_nonnulls(customer_id, lines, total_cents, currency, recorded_at) = 0)
        );
    `,
  },
];
