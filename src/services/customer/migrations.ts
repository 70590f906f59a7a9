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
];
