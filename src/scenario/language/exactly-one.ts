/** An object of which exactly one of several keys says what it does. */
import { z } from 'zod';

export function exactlyOne<Shape extends z.ZodRawShape>(
  shape: Shape,
  verbs: ReadonlyArray<keyof Shape>,
) {
  return z
    .strictObject(shape)
    .superRefine((value, context) => {
      const used = verbs.filter(
        (verb) => (value as Record<PropertyKey, unknown>)[verb] !== undefined,
      );
      if (used.length === 1) return;
      const problem =
        used.length === 0 ? 'nothing is said to happen' : `${used.join(' and ')} are given`;
      context.addIssue({
        code: 'custom',
        message: `${problem}: write exactly one of ${verbs.join(', ')}`,
      });
    })
    .meta({ oneOf: verbs.map((verb) => ({ required: [verb] })) });
}
