/** What the mediator's HTTP API answers, checked on arrival. */
import { z } from 'zod';

import { HistoryEntry, Profile } from '../contracts/customer.ts';
import { Book } from '../contracts/inventory.ts';
import { Mail } from '../contracts/notification.ts';
import { OrderView } from '../contracts/orders.ts';

export const OrderList = z.object({ orders: z.array(OrderView).max(1_000) });
export const BookList = z.object({ books: z.array(Book).max(500), total: z.int().min(0) });

export const CustomerRow = Profile.extend({ orderCount: z.int().min(0) });
export type CustomerRow = z.infer<typeof CustomerRow>;
export const CustomerList = z.object({
  customers: z.array(CustomerRow).max(500),
  total: z.int().min(0),
});

export const CustomerDetail = z.object({
  customer: Profile,
  orders: z.array(HistoryEntry).max(200),
  orderCount: z.int().min(0),
});
export type CustomerDetail = z.infer<typeof CustomerDetail>;

export const MailList = z.object({ mails: z.array(Mail).max(2_000) });

export const Readiness = z.object({
  ready: z.boolean(),
  checks: z
    .array(
      z.object({
        name: z.string().max(64),
        ok: z.boolean(),
        detail: z.string().max(2_000).optional(),
        ms: z.number().optional(),
      }),
    )
    .max(64),
});
export type Readiness = z.infer<typeof Readiness>;
