/** A part whose deliveries are counted: how many came, how many of them had come before, and what became of them. */
import type { Bus } from '../../src/messaging/bus.ts';
import type { Part } from '../../src/messaging/part.ts';

export interface DeliveryCount {
  all: number;
  /** Which of them were delivered before, to somebody who did not ack. */
  readonly again: string[];
  /** Message types in the order they came; and those that were acked, in that order. */
  readonly came?: string[];
  readonly acked?: string[];
}

export function watchedPart(part: Part, count: DeliveryCount): Part {
  const bus: Bus = {
    isConnected: () => part.bus.isConnected(),
    isBlocked: () => part.bus.isBlocked(),
    publish: (message) => part.bus.publish(message),
    forward: (raw) => part.bus.forward(raw),
    depthOf: (queue) => part.bus.depthOf(queue),
    subscribe: (bindings, onMessage) => part.bus.subscribe(bindings, onMessage),
    consume: (queue, prefetch, onDelivery) =>
      part.bus.consume(queue, prefetch, (delivery) => {
        const type = String(delivery.raw.properties['type']);
        count.all++;
        if (delivery.redelivered) count.again.push(`${queue} ${type}`);
        count.came?.push(type);
        const ack = (): void => {
          count.acked?.push(type);
          delivery.ack();
        };
        onDelivery({ ...delivery, ack });
      }),
    [Symbol.asyncDispose]: () => part.bus[Symbol.asyncDispose](),
  };
  return { ...part, bus };
}
