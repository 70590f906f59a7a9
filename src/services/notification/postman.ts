/** Takes a letter to the mailer once per message, however often the message comes and however it fails. */
import { notified, type Mail } from '../../contracts/notification.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { IncomingMessage } from '../../messaging/bus.ts';
import { deathBy, givenUp } from '../../messaging/dead-letter.ts';
import { reply, type Reply, type Work } from '../../messaging/participant.ts';
import type { Letter } from './letter.ts';
import { mailIdOf, type Mailer, type Posting } from './mailer.ts';
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
   * A mail that is refused for good is not tried again, however often its saga asks; only when people send
   * the dead letter again.
   * @throws RejectedError `given-up`; any other Error when the mail was not taken this time.
   */
  deliver(letter: Letter, work: Work<NotificationTx>, message: IncomingMessage): Promise<Reply> {
    const running = this.#underWay.get(message.id);
    if (running !== undefined) return running;
    const delivery = this.#deliver(letter, work, message).finally(() =>
      this.#underWay.delete(message.id),
    );
    this.#underWay.set(message.id, delivery);
    return delivery;
  }

  async #deliver(
    letter: Letter,
    work: Work<NotificationTx>,
    { id: messageId, redriven }: IncomingMessage,
  ): Promise<Reply> {
    const { reply: known, reason } = await work.transact(async (tx) => ({
      reply: await tx.findReply(messageId),
      reason: tx.reasonGivenUp(messageId),
    }));
    if (known !== undefined) return known;
    if (reason !== undefined && redriven === undefined) throw givenUp(reason);
    const sentAt = this.#options.clock.now();
    const mailId = mailIdOf(messageId);
    await this.#send({ mailId, sentAt, letter }, work, messageId);
    return work.once((tx) => {
      tx.addMail(mailOf(letter, mailId, sentAt));
      return Promise.resolve(reply(notified, { orderId: letter.orderId, mailId }));
    });
  }

  async #send(posting: Posting, work: Work<NotificationTx>, messageId: string): Promise<void> {
    try {
      await this.#options.mailer.send(posting);
    } catch (error) {
      const death = deathBy(error);
      if (death !== undefined) {
        await work.transact(async (tx) => tx.giveUp(messageId, death.detail));
      }
      throw error;
    }
  }
}

function mailOf(letter: Letter, id: string, sentAt: number): Mail {
  const { orderId, to, subject, template } = letter;
  return { id, orderId, to: to.email, subject, template, sentAt };
}
