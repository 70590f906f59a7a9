/** Between rows of the customer schema and the shapes of its contract. */
import type { HistoryEntry, Profile } from '../../contracts/customer.ts';
import type { PricedLine } from '../../contracts/primitives.ts';

export const PROFILE_COLUMNS = 'id, name, email, street, postal_code, city, country';

export interface ProfileRow {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly street: string;
  readonly postal_code: string;
  readonly city: string;
  readonly country: string;
}

export interface EntryRow {
  readonly order_id: string;
  readonly lines: PricedLine[];
  readonly total_cents: number;
  readonly currency: 'EUR';
  /** A bigint, which the driver leaves as text. */
  readonly recorded_at: string;
  readonly cancelled_at: string | null;
}

export function profileOf({ id, name, email, ...row }: ProfileRow): Profile {
  const { street, postal_code: postalCode, city, country } = row;
  return { id, name, email, address: { street, postalCode, city, country } };
}

export function entryOf(row: EntryRow): HistoryEntry {
  return {
    orderId: row.order_id,
    lines: row.lines,
    totalCents: row.total_cents,
    currency: row.currency,
    recordedAt: Number(row.recorded_at),
    ...(row.cancelled_at !== null && { cancelledAt: Number(row.cancelled_at) }),
  };
}
