/** What the mediator asks of the participants on behalf of its visitors: books, customers, mails, and the canary. */
import * as customer from '../contracts/customer.ts';
import * as inventory from '../contracts/inventory.ts';
import type { BodyOf } from '../contracts/message.ts';
import * as notification from '../contracts/notification.ts';
import { ping, pong } from '../contracts/participant.ts';
import { UserError } from '../kernel/errors.ts';
import type { RpcClient } from '../messaging/rpc-client.ts';
import type { ServiceName } from '../messaging/topology.ts';
import type { OrderData } from './order-data.ts';

const ANSWER_WITHIN_MS = 5_000;
const PING_WITHIN_MS = 1_000;
/** Profiles are asked for at every order and hardly ever change. */
const MAX_REMEMBERED = 10_000;
const HISTORY_LENGTH = 50;

type Recipient = OrderData['customer'];

export class Shop {
  readonly #rpc: RpcClient;
  readonly #recipients = new Map<string, Promise<Recipient>>();

  constructor(rpc: RpcClient) {
    this.#rpc = rpc;
  }

  books(query: BodyOf<typeof inventory.listBooks>): Promise<BodyOf<typeof inventory.booksListed>> {
    return this.#rpc.ask({
      service: 'inventory',
      contract: inventory.listBooks,
      body: query,
      answer: inventory.booksListed,
      withinMs: ANSWER_WITHIN_MS,
    });
  }

  /** @throws UserError `unknown-book` */
  async book(id: number): Promise<inventory.Book> {
    const { book } = await this.#rpc.ask({
      service: 'inventory',
      contract: inventory.findBook,
      body: { id },
      answer: inventory.bookFound,
      withinMs: ANSWER_WITHIN_MS,
    });
    if (book !== null) return book;
    throw new UserError('unknown-book', `There is no book ${id}`, {
      hint: 'See: wonderland books',
    });
  }

  customers(query: BodyOf<typeof customer.list>): Promise<BodyOf<typeof customer.listed>> {
    return this.#rpc.ask({
      service: 'customer',
      contract: customer.list,
      body: query,
      answer: customer.listed,
      withinMs: ANSWER_WITHIN_MS,
    });
  }

  /** The customer with the newest orders. @throws UserError `unknown-customer` */
  async customer(customerId: string): Promise<BodyOf<typeof customer.found>> {
    const found = await this.#rpc.ask({
      service: 'customer',
      contract: customer.find,
      body: { customerId, orders: HISTORY_LENGTH },
      answer: customer.found,
      withinMs: ANSWER_WITHIN_MS,
    });
    if (found.customer !== null) return found;
    throw new UserError('unknown-customer', `There is no customer "${customerId}"`, {
      hint: 'See: wonderland customers',
    });
  }

  /** Whom an order's mails go to; asked once for all who want to know. @throws UserError `unknown-customer` */
  recipient(customerId: string): Promise<Recipient> {
    const known = this.#recipients.get(customerId);
    if (known !== undefined) return known;
    const asked = this.#askRecipient(customerId);
    if (this.#recipients.size >= MAX_REMEMBERED) this.#recipients.clear();
    this.#recipients.set(customerId, asked);
    asked.catch(() => this.#recipients.delete(customerId));
    return asked;
  }

  async #askRecipient(customerId: string): Promise<Recipient> {
    const { customer: profile } = await this.customer(customerId);
    return { id: customerId, name: profile?.name ?? customerId, email: profile?.email ?? '' };
  }

  mails(query: BodyOf<typeof notification.audit>): Promise<BodyOf<typeof notification.audited>> {
    return this.#rpc.ask({
      service: 'notification',
      contract: notification.audit,
      body: query,
      answer: notification.audited,
      withinMs: ANSWER_WITHIN_MS,
    });
  }

  /** The canary: goes the way of every command and comes back. @throws OutcomeUnknownError */
  async ping(service: ServiceName, nonce: string): Promise<void> {
    await this.#rpc.ask({
      service,
      contract: ping,
      body: { nonce },
      answer: pong,
      withinMs: PING_WITHIN_MS,
    });
  }
}
