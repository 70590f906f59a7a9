/** `send:` of a scenario: bytes put into the queue of a part, whatever they are. */
import { labelOf } from '../../contracts/run-label.ts';
import { UserError } from '../../kernel/errors.ts';
import type { Send } from '../language/steps.ts';
import type { Connection } from './connection.ts';

/** @throws UserError `broker-unreachable` when the broker did not take it. */
export async function sendRaw(
  { bus, names, ids, clock }: Connection,
  run: string,
  { to, message, body, text, order, times }: Send,
): Promise<void> {
  for (let sent = 0; sent < times; sent++) {
    const result = await bus.forward({
      exchange: '',
      routingKey: to === 'mediator' ? names.replies : names.queueOf(to),
      content: Buffer.from(text ?? JSON.stringify(body)),
      properties: {
        messageId: `sent:${ids.hex(8)}`,
        ...(message !== undefined && { type: message }),
        contentType: 'application/json',
        appId: 'scenario',
        timestamp: clock.now(),
        headers: { version: 1, attempt: 1, run: labelOf(run, order) },
      },
    });
    if (result.outcome === 'confirmed') continue;
    const { reason } = result;
    throw new UserError('broker-unreachable', `The message to ${to} was not taken: ${reason}`, {
      hint: 'See `wonderland ps`.',
    });
  }
}
