/** The postman takes out every letter that comes, without looking whether it went out. In the place of postman.ts. */
import { notified } from '../../src/contracts/notification.ts';
import type { IncomingMessage } from '../../src/messaging/bus.ts';
import { reply, type Reply, type Work } from '../../src/messaging/participant.ts';
import type { Letter } from '../../src/services/notification/letter.ts';
import { mailIdOf } from '../../src/services/notification/mailer.ts';
import { Postman as Right, type PostmanOptions } from '../../src/services/notification/postman.ts';
import type { NotificationTx } from '../../src/services/notification/store.ts';

export type { PostmanOptions } from '../../src/services/notification/postman.ts';

export class Postman extends Right {
  readonly #ports: PostmanOptions;
  #sent = 0;

  constructor(options: PostmanOptions) {
    super(options);
    this.#ports = options;
  }

  override async deliver(
    letter: Letter,
    work: Work<NotificationTx>,
    message: IncomingMessage,
  ): Promise<Reply> {
    const sentAt = this.#ports.clock.now();
    const mailId = mailIdOf(`${message.id}, mail ${++this.#sent} of ${sentAt}`);
    await this.#ports.mailer.send({ mailId, sentAt, letter });
    const { orderId, to, subject, template } = letter;
    return work.transact((tx) => {
      tx.addMail({ id: mailId, orderId, to: to.email, subject, template, sentAt });
      return Promise.resolve(reply(notified, { orderId, mailId }));
    });
  }
}
