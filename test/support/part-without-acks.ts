/** A part that dies before any of its acks leaves it: what a kill at the worst moment looks like to the broker. */
import type { Bus } from '../../src/messaging/bus.ts';
import type { Part } from '../../src/messaging/part.ts';

/** The same part, whose deliveries stay unacked until its connection ends. */
export function partWithoutAcks(part: Part): Part {
  const bus: Bus = {
    isConnected: () => part.bus.isConnected(),
    isBlocked: () => part.bus.isBlocked(),
    publish: (message) => part.bus.publish(message),
    forward: (raw) => part.bus.forward(raw),
    depthOf: (queue) => part.bus.depthOf(queue),
    subscribe: (bindings, onMessage) => part.bus.subscribe(bindings, onMessage),
    consume: (queue, prefetch, onDelivery) =>
      part.bus.consume(queue, prefetch, (delivery) =>
        onDelivery({ ...delivery, ack: () => undefined }),
      ),
    [Symbol.asyncDispose]: () => part.bus[Symbol.asyncDispose](),
  };
  return { ...part, bus };
}
