/** The language of scenario files: the one definition that gives the parser, the types and the JSON Schema. */
import { z } from 'zod';

import { BookKey, Expectation } from './expectations.ts';
import { Fault } from './faults.ts';
import { INVARIANTS, type Invariant } from './invariants.ts';
import { Customer, Step } from './steps.ts';
import { Duration, oneOf, Price, whole, written } from './values.ts';

/** Most runs of one file: the product of its matrix, times its repeats. */
export const MAX_RUNS = 1_000;

const timeout = (part: string) =>
  Duration.optional().describe(`How long ${part} may take to answer before it is asked again.`);

const Policy = z.strictObject({
  'ship-after': Duration.optional().describe('How long a confirmed order rests before it ships.'),
  'inventory-timeout': timeout('the inventory'),
  'payment-timeout': timeout('payment'),
  'customer-timeout': timeout('the customer service'),
  'notification-timeout': timeout('notification'),
  'decide-within': Duration.optional().describe(
    'An order that is not charged by then is given up and undone.',
  ),
  'retry-at-most': Duration.optional().describe('The longest pause between two attempts.'),
});

const Given = z.strictObject({
  books: z
    .record(
      BookKey,
      z.strictObject({
        stock: whole(0, 1_000_000).describe('Copies of it at the beginning.'),
        price: Price.describe('Of one copy, in euros.'),
      }),
    )
    .default({})
    .describe('The books of this world: each run gets its own copies, whatever the shop has.'),
  customers: z
    .array(Customer)
    .max(200)
    .optional()
    .describe('Who may order. Absent: everybody whom the steps name.'),
  policy: Policy.default({}).describe(
    'What the shop does otherwise for the orders of this world; as in the shop where absent.',
  ),
  mediators: whole(1, 4)
    .default(1)
    .describe('How many mediators there are at least; more than the stack has: one of its own.'),
});

const scalar = z.union([z.string().max(1_000), z.number(), z.boolean()], {
  error: 'a variable is text, a number, true or false',
});
const VariableName = written(/^[a-z][a-z0-9_-]{0,39}$/, 'a variable name such as reason');

const skip = z.literal('skip', {
  error: 'an invariant always holds, unless it says skip: leave the line out',
});

/** A whole scenario file, after `${…}` has been filled in. */
export const ScenarioFile = z.strictObject({
  scenario: written(
    /^[a-z0-9][a-z0-9-]{0,63}$/,
    'a name of lower-case letters, digits and dashes',
  ).describe('The name of the scenario.'),
  about: z.string().min(1).max(500).describe('What this scenario shows, in a sentence or two.'),
  tags: z
    .array(written(/^[a-z0-9-]{1,30}$/, 'a tag such as basics'))
    .max(20)
    .default([])
    .describe('Words to choose scenarios by: --tag payment.'),
  'runs-on': z
    .array(oneOf('where scenarios run', ['sim', 'live']))
    .min(1)
    .default(['sim', 'live'])
    .describe('Where it makes sense: on a live stack, in a simulation.'),
  vars: z
    .record(VariableName, scalar)
    .default({})
    .describe('Defaults of ${…}; --var name=value overrides them.'),
  matrix: z
    .record(VariableName, z.array(scalar).min(1).max(100))
    .default({})
    .describe('Values of ${…} that are tried one after the other: each combination is a run.'),
  repeat: whole(1, MAX_RUNS).default(1).describe('Runs with the seeds 1, 2, 3 …'),
  seed: whole(0, 2_147_483_647).optional().describe('Of every draw; 1 by default.'),
  given: Given.prefault({}).describe('The world before the first step.'),
  steady: Expectation.optional().describe(
    'Must hold before the first step, or nothing is tried; and again when all faults are undone.',
  ),
  steps: z.array(Step).min(1).max(200).describe('What happens, in order; 200 at most.'),
  faults: z
    .array(Fault)
    .max(50)
    .default([])
    .describe('What goes wrong: armed before the first step; 50 at most.'),
  expect: Expectation.default({}).describe('What must hold when the run has settled.'),
  settle: Duration.default(30_000).describe('How long the end may take; 30s by default.'),
  invariants: z
    .strictObject(
      Object.fromEntries(INVARIANTS.map((name) => [name, skip.optional()])) as Record<
        Invariant,
        z.ZodOptional<typeof skip>
      >,
    )
    .default({})
    .describe('Built-in checks that this scenario leaves out.'),
});
export type ScenarioFile = z.output<typeof ScenarioFile>;

/** Words of the language that a later version will understand, by where they stand. */
export const LATER: Readonly<Record<string, readonly string[]>> = {
  steps: ['advance'],
};
