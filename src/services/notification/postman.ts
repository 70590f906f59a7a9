/** Takes a letter to the mailer once per message, however often the message comes and however it fails. */
import { notified, type Mail } from '../../contracts/notification.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { IncomingMessage } from '../../messaging/bus.ts';
import { reply, type Reply, type Work } from '../../messaging/participant.ts';
import type { Letter } from './letter.ts';
import { mailIdOf, type Mailer } from './mailer.ts';
import type { NotificationTx } from './store.ts';

export interface PostmanOptions {
  readonly mailer: Mailer;
  readonly clock: Clock;
}

export class Postman {
  readonly #options: PostmanOptions;
  /** Deliveries under way by message id: a copy that comes meanwhile shares the outcome. */
  readonly #underWay = new Map<string, Promise<Reply>>();

  constructor(options: PostmanOptions) {
    this.#options = options;
  }

  /**
   * Answers the receipt. Sending and committing can't be one step, so a crash between them makes the mail
   * go out again, under the same Message-ID: better twice than never.
   * @throws Error when the mail was not taken; nothing is kept then, so trying again is safe.
   */
  deliver(letter: Letter, work: Work<NotificationTx>, message: IncomingMessage): Promise<Reply> {
    const running = this.#underWay.get(message.id);
    if (running !== undefined) return running;
    const delivery = this.#deliver(letter, work, message.id).finally(() =>
      this.#underWay.delete(message.id),
    );
    this.#underWay.set(message.id, delivery);
    return delivery;
  }

  async #deliver(letter: Letter, work: Work<NotificationTx>, messageId: string): Promise<Reply> {
    const known = await work.transact((tx) => tx.findReply(messageId));
    if (known !== undefined) return known;
    const sentAt = this.#options.clock.now();
    const mailId = mailIdOf(messageId);
    await this.#options.mailer.send({ mailId, sentAt, letter });
    return work.once((tx) => {
      tx.addMail(mailOf(letter, mailId, sentAt));
      return Promise.resolve(reply(notified, { orderId: letter.orderId, mailId }));
    });
  }
}

function mailOf(letter: Letter, id: string, sentAt: number): Mail {
  const { orderId, to, subject, template } = letter;
  return { id, orderId, to: to.email, subject, template, sentAt };
}
