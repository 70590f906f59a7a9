/** Ten mistakes that a developer of this shop could make, and the scenario that must find each. */

export interface Bug {
  /** Of the file that has it. */
  readonly name: string;
  /** What the developer got wrong, after "a shop that …". */
  readonly about: string;
  /** The services that have it. */
  readonly services: readonly string[];
  /** The compiled module that it takes the place of. */
  readonly module: string;
  readonly scenario: string;
  /** Pins the scenario's matrix to one run. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The check that must be broken. */
  readonly breaks: string;
}

const PARTICIPANTS = ['inventory', 'payment', 'customer', 'notification'];

export const BUGS: readonly Bug[] = [
  {
    name: 'no-inbox',
    about: 'carries out a message again when it comes again',
    services: PARTICIPANTS,
    module: 'messaging/participant.js',
    scenario: 'refund-answer-lost',
    breaks: 'messages.duplicates-ignored',
  },
  {
    name: 'acks-first',
    about: 'acks a message before its effect is committed',
    services: ['payment'],
    module: 'messaging/handler.js',
    scenario: 'charge-crash',
    variables: { point: 'handle' },
    breaks: 'one-final-status',
  },
  {
    name: 'unguarded-update',
    about: 'takes copies with an UPDATE that does not look whether there are any',
    services: ['inventory'],
    module: 'services/inventory/sqlite-tx.js',
    scenario: 'last-copy-race',
    breaks: 'stock-balance',
  },
  {
    name: 'no-void',
    about: 'believes that a charge nobody answered did not happen',
    services: ['mediator'],
    module: 'saga/decide.js',
    scenario: 'charge-answers-lost',
    breaks: 'paid-once',
  },
  {
    name: 'lost-timer',
    about: 'keeps timers in the memory of a mediator',
    services: ['mediator'],
    module: 'mediator/sweeper.js',
    scenario: 'timer-survives-crash',
    // A run that does not get through its steps ends there.
    breaks: 'step 4: order.o1',
  },
  {
    name: 'releases-twice',
    about: 'puts copies back as often as the release comes',
    services: ['inventory'],
    module: 'services/inventory/sqlite-tx.js',
    scenario: 'duplicate-undo',
    variables: { message: 'inventory.release' },
    breaks: 'stock-balance',
  },
  {
    name: 'release-before-refund',
    about: 'undoes its steps in the order in which it did them',
    services: ['mediator'],
    module: 'saga/decide.js',
    scenario: 'cancel-before-shipping',
    breaks: 'trace.regretted',
  },
  {
    name: 'confirms-first',
    about: 'has a broker that confirms what is not on its disk',
    services: ['broker'],
    module: 'broker/sqlite-store.js',
    scenario: 'confirmed-is-kept',
    breaks: 'one-final-status',
  },
  {
    name: 'drops-records',
    about: 'saves how far the log was read before it saves what was read',
    services: ['logging'],
    module: 'services/logging/store.js',
    scenario: 'logging-crash',
    breaks: 'log-complete',
  },
  {
    name: 'mails-twice',
    about: 'sends a letter again when its message comes again',
    services: ['notification'],
    module: 'services/notification/postman.js',
    scenario: 'duplicate-delivery',
    variables: { message: 'notification.confirmed' },
    breaks: 'mails-once',
  },
];
