/** Names that a scenario file uses must be names that it declares: orders, books, customers. */
import { CONTRACTS } from '../../contracts/registry.ts';
import { suggest } from '../../kernel/suggestion.ts';
import { CATALOGUE, FIRST_ADDED_ID } from '../../services/inventory/catalogue.ts';
import type { Expectation } from './expectations.ts';
import { checkFault } from './fault-references.ts';
import type { ScenarioFile } from './language.ts';
import { ordersOf } from './orders.ts';
import { isAmong, unknown } from './names.ts';
import type { Problem, Source, SourcePath } from './source.ts';
import { MAX_ORDERS, type Step } from './steps.ts';

/** The most that one message can stock. */
const MAX_BOOKS = 100;
/** Expectations that are about one order each, or about all of them together. */
const BY_ORDER = ['order', 'paid', 'trace', 'never', 'mails'] as const;
/** May stand instead of an order where a sum makes sense. */
export const TOTAL = 'total';
const WITH_TOTAL: readonly string[] = ['paid', 'mails'];

/** Every use of a name that nothing declares, and every name declared twice. */
export function checkReferences(source: Source, file: ScenarioFile): Problem[] {
  return [
    ...checkOrders(source, file),
    ...checkBooks(source, file),
    ...checkCustomers(source, file),
    ...checkExpectations(source, file),
    ...checkSteps(source, file),
    ...checkFaults(source, file),
    ...checkVariables(source, file),
  ];
}

function checkOrders(source: Source, file: ScenarioFile): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [index, step] of file.steps.entries()) {
    const path = ['steps', index, step.order === undefined ? 'orders' : 'order', 'id'];
    const names = ordersOf(step).map(({ name }) => name);
    const twice = names.find((name, at) => seen.has(name) || names.indexOf(name) !== at);
    if (twice !== undefined) {
      const hint = names.length > 1 ? ': give each its own with {n}' : '';
      problems.push(source.problem(path, `there are two orders named "${twice}"${hint}`));
    }
    if (names.includes(TOTAL)) {
      problems.push(source.problem(path, `"${TOTAL}" is the sum of all orders, not a name`));
    }
    for (const name of names) seen.add(name);
  }
  if (seen.size <= MAX_ORDERS) return problems;
  return [...problems, source.problem(['steps'], `there are more than ${MAX_ORDERS} orders`)];
}

function checkBooks(source: Source, { given, steps }: ScenarioFile): Problem[] {
  const refs = Object.keys(given.books);
  const tooMany = refs.length > MAX_BOOKS ? [`there are more than ${MAX_BOOKS} books`] : [];
  return [
    ...tooMany.map((message) => source.problem(['given', 'books'], message)),
    ...steps.flatMap((step, index) => {
      const book = (step.order ?? step.orders)?.book;
      if (book === undefined || refs.includes(String(book)) || !mayExist(book)) return [];
      const path = ['steps', index, step.order === undefined ? 'orders' : 'order', 'book'];
      const problem = `book ${book} is not in "given": say how many copies it has here`;
      return [source.problem(path, problem)];
    }),
  ];
}

/** A number that no shop has is meant as an unknown book; any other must be given. */
function mayExist(book: number): boolean {
  return book >= FIRST_ADDED_ID || CATALOGUE.some(({ id }) => id === book);
}

function checkCustomers(source: Source, { given, steps }: ScenarioFile): Problem[] {
  const known = given.customers;
  if (known === undefined) return [];
  return steps.flatMap((step, index) => {
    const stranger = ordersOf(step).find(({ customer }) => !known.includes(customer))?.customer;
    if (stranger === undefined) return [];
    const path = ['steps', index, step.order === undefined ? 'orders' : 'order', 'customer'];
    return [source.problem(path, unknown('customer', stranger, known))];
  });
}

function checkExpectations(source: Source, file: ScenarioFile): Problem[] {
  const orders = file.steps.flatMap(ordersOf).map(({ name }) => name);
  const books = Object.keys(file.given.books);
  const check = (path: SourcePath, expectation: Expectation | undefined): Problem[] => [
    ...BY_ORDER.flatMap((key) => {
      const known = WITH_TOTAL.includes(key) ? [...orders, TOTAL] : orders;
      return undeclared(source, [...path, key], { what: 'order', used: expectation?.[key], known });
    }),
    ...undeclared(source, [...path, 'stock'], {
      what: 'book',
      used: expectation?.stock,
      known: books,
    }),
  ];
  return [
    ...check(['expect'], file.expect),
    ...check(['steady'], file.steady),
    ...file.steps.flatMap((step, index) => [
      ...check(['steps', index, 'until'], step.until),
      ...check(['steps', index, 'expect'], step.expect),
    ]),
  ];
}

function checkSteps(source: Source, { steps }: ScenarioFile): Problem[] {
  return steps.flatMap((step, index) => [
    ...(step.within !== undefined && step.until === undefined
      ? [source.problem(['steps', index, 'within'], '"within" goes with "until" only')]
      : []),
    ...checkPlaced(source, { steps, index, key: 'cancel', name: step.cancel }),
    ...checkPlaced(source, { steps, index, key: 'send', name: step.send?.order }),
    ...checkSend(source, { step, index }),
  ]);
}

interface Mention {
  readonly steps: readonly Step[];
  readonly index: number;
  readonly key: 'cancel' | 'send';
  readonly name: string | undefined;
}

/** Only an order that was placed by an earlier step can be cancelled, or written about. */
function checkPlaced(source: Source, { steps, index, key, name }: Mention): Problem[] {
  if (name === undefined) return [];
  const known = steps
    .slice(0, index)
    .flatMap(ordersOf)
    .map((order) => order.name);
  if (known.includes(name)) return [];
  const isLater = isAmong(name, steps.slice(index).flatMap(ordersOf));
  const problem = isLater ? `"${name}" is placed by a later step` : unknown('order', name, known);
  return [source.problem(['steps', index, key], problem)];
}

function checkSend(
  source: Source,
  { step, index }: { readonly step: Step; readonly index: number },
): Problem[] {
  const { send } = step;
  if (send === undefined) return [];
  const path = ['steps', index, 'send'];
  if (send.message !== undefined && !CONTRACTS.some(({ name }) => name === send.message)) {
    const hint = suggest(send.message, [...new Set(CONTRACTS.map(({ name }) => name))]);
    const problem = `nobody published the message "${send.message}"`;
    return [
      source.problem([...path, 'message'], hint === undefined ? problem : `${problem}. ${hint}`),
    ];
  }
  if ((send.body === undefined) !== (send.text === undefined)) return [];
  return [source.problem(path, 'write exactly one of body, text')];
}

function checkFaults(source: Source, { faults, steps }: ScenarioFile): Problem[] {
  const orders = steps.flatMap(ordersOf).map(({ name }) => name);
  return [
    ...faults.flatMap((fault, index) =>
      checkFault(source, ['faults', index], { fault, orders, isStep: false }),
    ),
    ...steps.flatMap(({ fault }, index) =>
      fault === undefined
        ? []
        : checkFault(source, ['steps', index, 'fault'], { fault, orders, isStep: true }),
    ),
  ];
}

/** A name that stands for one value and for several is one too many. */
function checkVariables(source: Source, { vars, matrix }: ScenarioFile): Problem[] {
  return Object.keys(matrix)
    .filter((name) => Object.hasOwn(vars, name))
    .map((name) => source.problem(['matrix'], `"${name}" stands in vars, too`, name));
}

interface Names {
  readonly what: string;
  readonly used: Readonly<Record<string, unknown>> | undefined;
  readonly known: readonly string[];
}

function undeclared(
  source: Source,
  path: SourcePath,
  { what, used = {}, known }: Names,
): Problem[] {
  return Object.keys(used)
    .filter((name) => !known.includes(name))
    .map((name) => source.problem(path, unknown(what, name, known), name));
}
