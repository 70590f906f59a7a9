/** What `scenario new` writes: a scenario for each kind of trouble, with comments, that passes as it is. */

export interface NewScenario {
  readonly name: string;
  readonly about: string;
  /** The number of the book. */
  readonly book: number;
  /** For `# yaml-language-server: $schema=…`. */
  readonly schema: string;
}

export interface Template {
  /** What is typed. */
  readonly kind: string;
  /** What is chosen from a list. */
  readonly title: string;
  /** The sentence when the user gives none. */
  readonly about: string;
  /** After the world: steps, faults, what must hold. */
  readonly body: (book: number) => string;
  /** Copies of the book; ten unless given. */
  readonly stock?: number;
  /** Lines of `given` besides the book. */
  readonly policy?: string;
}

const ORDER = (
  book: number,
): string => `# What happens, in order. Nothing waits for anything unless a step says "until".
steps:
  - order: { id: o1, customer: alice, book: ${book} }
`;

const CONFIRMED = (
  book: number,
): string => `# What must hold in the end. Beside it every scenario checks that no copy and no money got lost.
expect:
  order: { o1: confirmed }
  stock: { ${book}: 9 }
  paid: { o1: 39.00 }
`;

export const TEMPLATES: readonly Template[] = [
  {
    kind: 'happy-path',
    title: 'nothing goes wrong: an order, and what it leads to',
    about: 'Somebody buys a book, and gets it.',
    body: (book) => `${ORDER(book)}
# Nothing goes wrong. A fault is for example:
# faults:
#   - { at: payment.charge@handle, decline: insufficient_funds }

${CONFIRMED(book)}  # The events of the order, in this order; others may lie between them.
  trace: { o1: [reserved, charged, confirmed, notified] }
`,
  },
  {
    kind: 'payment-declined',
    title: 'the card is declined, and everything is undone',
    about: 'The card is declined; the copy goes back on the shelf and no money moves.',
    body: (book) => `${ORDER(book)}
# At the charge, while payment handles it: it says no.
faults:
  - { at: payment.charge@handle, decline: insufficient_funds }

# What must hold in the end.
expect:
  order: { o1: rejected }
  stock: { ${book}: 10 }
  paid: { o1: 0 }
  trace: { o1: [reserved, declined, released, notified] }
  never: { o1: [charged, confirmed] }
`,
  },
  {
    kind: 'stock-out',
    title: 'the last copy is gone before the second customer comes',
    about: 'The last copy is gone; the second customer is refused before any money moves.',
    stock: 1,
    body: (book) => `# What happens, in order.
steps:
  - order: { id: first, customer: alice, book: ${book} }
  # Waits until this holds, then goes on.
  - until: { order: { first: confirmed } }
    within: 15s
  - order: { id: late, customer: hatter, book: ${book} }

# What must hold in the end.
expect:
  order: { first: confirmed, late: rejected }
  stock: { ${book}: 0 }
  paid: { first: 39.00, late: 0 }
  never: { late: [reserved, charged] }
`,
  },
  {
    kind: 'part-crash',
    title: 'a part is killed in the middle of its work',
    about: 'Payment is killed just before it commits the charge; the order is paid exactly once.',
    body: (book) => `${ORDER(book)}
# kill -9, at that very point; started again after half a second. Try other points: handle, committed, reply, ack.
faults:
  - { at: payment.charge@commit, crash: payment, for: 500ms }

${CONFIRMED(book)}`,
  },
  {
    kind: 'duplicate-delivery',
    title: 'the broker hands a message over three times',
    about: 'The charge is delivered three times; the customer pays once.',
    body: (book) => `${ORDER(book)}
faults:
  - { at: payment.charge@deliver, duplicate: 3 }

${CONFIRMED(book)}  # Two of the three did nothing.
  messages: { duplicates-ignored: '>= 2', dead-lettered: 0 }
`,
  },
  {
    kind: 'lost-reply',
    title: 'an answer gets lost on its way',
    about:
      'Payment has charged, but its answer gets lost; it is asked again and charges nobody twice.',
    policy: `  # Asked again after a second, so that this does not take long.
  policy: { payment-timeout: 1s }
`,
    body: (book) => `${ORDER(book)}
# The first answer never arrives.
faults:
  - { at: payment.charge@reply, drop: true }

${CONFIRMED(book)}`,
  },
  {
    kind: 'slow-part',
    title: 'a part takes its time',
    about: 'The inventory takes a second for each reservation; orders wait, and all are confirmed.',
    body: (book) => `# Five customers, all at the same time.
steps:
  - orders: { count: 5, id: 'o{n}', customer: 'c{n}', book: ${book}, parallel: 5 }

# Every message, not only the first.
faults:
  - { at: inventory.reserve@handle, delay: 1s, times: all }

# What must hold in the end.
expect:
  count: { order.confirmed: 5 }
  stock: { ${book}: 5 }
  paid: { total: 195.00 }
  latency: { order.max: "< 25s" }
`,
  },
];

/** The whole file. */
export function writeScenario(template: Template, scenario: NewScenario): string {
  const { name, about, book, schema } = scenario;
  const { stock = 10, policy = '', body } = template;
  const copies = stock === 1 ? 'one copy' : `${stock} copies`;
  return `# yaml-language-server: $schema=${schema}
# Check it: wonderland scenario validate <this file>. Play it again at each save: wonderland scenario run <this file> --watch
scenario: ${name}
about: ${quoted(about)}

# The world before: ${copies} of a book. Each run gets its own, whatever the shop has.
given:
  books: { ${book}: { stock: ${stock}, price: 39.00 } }
${policy}
${body(book)}`;
}

/** JSON is YAML: whatever was typed stays text. */
function quoted(text: string): string {
  return JSON.stringify(text.replaceAll(/\s+/g, ' ').trim());
}
