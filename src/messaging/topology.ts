/** Every exchange, queue and binding, in one place: declared by each part on each connection. */
import type { Channel } from 'amqplib';

/** Services that take commands; each has a queue of its own. */
export const PARTICIPANTS = ['inventory', 'payment', 'customer'] as const;
export type ParticipantName = (typeof PARTICIPANTS)[number];

/** Parts of a stack besides its broker and database. */
export const SERVICES = [...PARTICIPANTS, 'notification', 'logging'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** The names in use: with a namespace several stacks share one broker without meeting. */
export interface Names {
  readonly commands: string;
  readonly notifications: string;
  readonly logs: string;
  readonly events: string;
  readonly deadLetters: string;
  /** Faults and pings for every part of a development stack. */
  readonly control: string;
  /** Work queue of a service. */
  readonly queueOf: (service: ServiceName) => string;
  /** The shared queue of all mediators: any of them goes on with any saga. */
  readonly replies: string;
  /** The shared queue of all mediators for questions about sagas: any of them answers from the database. */
  readonly queries: string;
  readonly deadLetterQueue: string;
}

const WORK_QUEUES = {
  inventory: 'inventory.commands',
  payment: 'payment.commands',
  customer: 'customer.commands',
  notification: 'notification.inbox',
  logging: 'logging.records',
} as const satisfies Record<ServiceName, string>;

export function namesOf(namespace: string): Names {
  const prefix = namespace === '' ? '' : `${namespace}.`;
  return {
    commands: `${prefix}wonderland.commands`,
    notifications: `${prefix}wonderland.notifications`,
    logs: `${prefix}wonderland.logs`,
    events: `${prefix}wonderland.events`,
    deadLetters: `${prefix}wonderland.dead-letters`,
    control: `${prefix}wonderland.control`,
    queueOf: (service) => `${prefix}${WORK_QUEUES[service]}`,
    replies: `${prefix}mediator.replies`,
    queries: `${prefix}mediator.queries`,
    deadLetterQueue: `${prefix}dead-letters`,
  };
}

export interface QueueDeclaration {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly bindings: readonly { readonly exchange: string; readonly routingKey: string }[];
}

interface ExchangeDeclaration {
  readonly name: string;
  readonly type: 'direct' | 'topic' | 'fanout';
}

export interface Topology {
  readonly exchanges: readonly ExchangeDeclaration[];
  readonly queues: readonly QueueDeclaration[];
}

/** Returns and crashes after which a message is dead-lettered: participants never requeue, so it counts crashes. */
export const DELIVERY_LIMIT = 10;
/** Newer brokers have a limit of their own where none is given. */
const NO_DELIVERY_LIMIT = 1_000_000_000;
/** A queue that holds this many messages refuses more: publishers hear of it and try again later. */
const MAX_QUEUE_LENGTH = 1_000_000;

/** Arguments are always explicit: their defaults differ between RabbitMQ 3.10, 4.0 and 4.3. */
function workQueueArguments(names: Names): Record<string, unknown> {
  return {
    'x-queue-type': 'quorum',
    'x-delivery-limit': DELIVERY_LIMIT,
    'x-dead-letter-exchange': names.deadLetters,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
    'x-max-length': MAX_QUEUE_LENGTH,
  };
}

/** Who asked does not wait long and asks again, so old questions are worth nothing to anybody. */
const QUERY_QUEUE_ARGUMENTS = {
  'x-queue-type': 'quorum',
  'x-delivery-limit': DELIVERY_LIMIT,
  'x-message-ttl': 10_000,
  'x-max-length': 1_000,
  'x-overflow': 'drop-head',
} as const;

/** The whole topology as data: what is declared, documented and drawn. */
export function topologyOf(names: Names): Topology {
  const work = workQueueArguments(names);
  const levels = ['debug', 'info', 'warn', 'error'];
  return {
    exchanges: [
      { name: names.commands, type: 'direct' },
      { name: names.notifications, type: 'topic' },
      { name: names.logs, type: 'direct' },
      { name: names.events, type: 'topic' },
      { name: names.deadLetters, type: 'topic' },
      { name: names.control, type: 'fanout' },
    ],
    queues: [
      ...PARTICIPANTS.map((service) => ({
        name: names.queueOf(service),
        arguments: work,
        bindings: [{ exchange: names.commands, routingKey: service }],
      })),
      { name: names.replies, arguments: work, bindings: [] },
      { name: names.queries, arguments: QUERY_QUEUE_ARGUMENTS, bindings: [] },
      {
        name: names.queueOf('notification'),
        arguments: work,
        bindings: ['order.*', 'customer.*'].map((routingKey) => ({
          exchange: names.notifications,
          routingKey,
        })),
      },
      {
        name: names.queueOf('logging'),
        arguments: work,
        bindings: levels.map((routingKey) => ({ exchange: names.logs, routingKey })),
      },
      {
        name: names.deadLetterQueue,
        arguments: {
          'x-queue-type': 'quorum',
          // Mediators that crash over dead letters must not make them disappear: there is nowhere to go from here.
          'x-delivery-limit': NO_DELIVERY_LIMIT,
          'x-overflow': 'reject-publish',
          'x-max-length': MAX_QUEUE_LENGTH,
        },
        bindings: [{ exchange: names.deadLetters, routingKey: '#' }],
      },
    ],
  };
}

/** Declares all of it; harmless when it exists as it is. Dead letters first, so that none is lost. */
export async function declareTopology(channel: Channel, names: Names): Promise<void> {
  const topology = topologyOf(names);
  await Promise.all(
    topology.exchanges.map((each) =>
      channel.assertExchange(each.name, each.type, { durable: true }),
    ),
  );
  for (const queue of topology.queues.toReversed()) await declareQueue(channel, queue);
}

/** Declares one queue with its bindings. */
export async function declareQueue(channel: Channel, queue: QueueDeclaration): Promise<void> {
  await channel.assertQueue(queue.name, { durable: true, arguments: queue.arguments });
  await Promise.all(
    queue.bindings.map((each) => channel.bindQueue(queue.name, each.exchange, each.routingKey)),
  );
}

/** Removes every queue and exchange of the namespace with all messages in them. */
export async function deleteTopology(channel: Channel, names: Names): Promise<void> {
  const topology = topologyOf(names);
  for (const queue of topology.queues) await channel.deleteQueue(queue.name);
  for (const exchange of topology.exchanges) await channel.deleteExchange(exchange.name);
}
