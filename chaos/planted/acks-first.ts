/** A message is acked as soon as it is there, and carried out afterwards. In the place of messaging/handler.ts. */
import type { Bus } from '../../src/messaging/bus.ts';
import { startHandler as right, type HandlerOptions } from '../../src/messaging/handler.ts';
import type { Part } from '../../src/messaging/part.ts';
import { overriding } from './overriding.ts';

export * from '../../src/messaging/handler.ts';

export function startHandler(part: Part, options: HandlerOptions): Promise<AsyncDisposable> {
  const { bus } = part;
  const consume: Bus['consume'] = (queue, prefetch, onDelivery) =>
    bus.consume(queue, prefetch, (delivery) => {
      delivery.ack();
      onDelivery(delivery);
    });
  return right({ ...part, bus: overriding(bus, { consume }) }, options);
}
