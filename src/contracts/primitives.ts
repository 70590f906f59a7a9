/** The bounded building blocks of every contract: each list, string and number has a limit. */
import { z } from 'zod';

/** `orderId` is also the saga's id and the AMQP correlation id: a UUID. */
export const OrderId = z.uuid();
/** Position in the catalogue, from 1; 42 is The Hitchhiker's Guide to the Galaxy. */
export const BookId = z.int().min(1).max(1_000_000_000);
export const Isbn13 = z.string().regex(/^97[89]\d{10}$/, 'an ISBN-13 is 13 digits without dashes');
export const CustomerId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and dashes, at most 64');
export const Email = z.email().max(254);
/** Integer cents; never negative in a contract. */
export const Cents = z.int().min(0).max(1_000_000_000);
export const Currency = z.literal('EUR');
/** At most three copies of a book per order. */
export const MAX_COPIES = 3;
export const Quantity = z.int().min(1).max(MAX_COPIES);
/** Different books in one order. */
export const MAX_LINES = 20;
export const ShortText = z.string().min(1).max(200);
export const LongText = z.string().max(2_000);
/** Milliseconds since 1970-01-01T00:00Z. */
export const Instant = z.int().min(0).max(8_640_000_000_000_000);
/** A machine-readable reason such as `out-of-stock` or `insufficient_funds`. */
export const Reason = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/);

/** A scenario run: what is made for one is left out of the shop's lists. */
export const RunId = z.string().regex(/^[a-z0-9-]{1,64}$/);

export const OrderLine = z.strictObject({ bookId: BookId, quantity: Quantity });
export type OrderLine = z.infer<typeof OrderLine>;

/** The lines of an order; a book appears once. */
export const OrderLines = z
  .array(OrderLine)
  .min(1)
  .max(MAX_LINES)
  .refine(
    (lines) => new Set(lines.map((line) => line.bookId)).size === lines.length,
    'a book appears once; raise its quantity instead',
  );

/** A line with what the catalogue knew when the copies were taken. */
export const PricedLine = z.strictObject({
  bookId: BookId,
  quantity: Quantity,
  title: ShortText,
  unitPriceCents: Cents,
});
export type PricedLine = z.infer<typeof PricedLine>;
