/** A part whose service answers some commands without doing anything: a planted bug for tests that must find it. */
import type { Bus, Delivery, IncomingMessage } from '../../src/messaging/bus.ts';
import type { Part } from '../../src/messaging/part.ts';
import { answerTo, type Reply } from '../../src/messaging/participant.ts';

/** What a broken service answers; undefined leaves the message to the real one. */
export type Lie = (message: IncomingMessage) => Reply | undefined;

/** The same part, on a bus that swallows the messages that are lied about. */
export function brokenPart(part: Part, lie: Lie): Part {
  const bus: Bus = {
    isConnected: () => part.bus.isConnected(),
    isBlocked: () => part.bus.isBlocked(),
    publish: (message) => part.bus.publish(message),
    forward: (raw) => part.bus.forward(raw),
    depthOf: (queue) => part.bus.depthOf(queue),
    subscribe: (bindings, onMessage) => part.bus.subscribe(bindings, onMessage),
    consume: (queue, prefetch, onDelivery) =>
      part.bus.consume(queue, prefetch, (delivery) => {
        if (!swallow(part.bus, delivery, lie)) onDelivery(delivery);
      }),
    [Symbol.asyncDispose]: () => part.bus[Symbol.asyncDispose](),
  };
  return { ...part, bus };
}

function swallow(bus: Bus, delivery: Delivery, lie: Lie): boolean {
  if (!delivery.content.ok) return false;
  const { message } = delivery.content;
  const reply = lie(message);
  const answer = reply === undefined ? undefined : answerTo(message, reply);
  if (answer === undefined) return false;
  void bus.publish(answer).then(() => delivery.ack());
  return true;
}
