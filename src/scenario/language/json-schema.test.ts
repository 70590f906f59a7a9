import { expect, test } from 'vitest';

import { scenarioJsonSchema } from './json-schema.ts';

const schema = scenarioJsonSchema() as {
  properties: Record<string, Record<string, unknown>>;
  additionalProperties: boolean;
};

test('the schema for editors refuses keys that the parser refuses', () => {
  expect(schema.additionalProperties).toBe(false);
  expect(Object.keys(schema.properties)).toContain('invariants');
  expect(Object.keys(schema.properties)).not.toContain('advance');
});

test('an editor knows every place, event and card, and accepts a variable instead', () => {
  const text = JSON.stringify(schema);
  for (const word of ['payment.charge@handle', 'released', 'insufficient-funds', 'order.open']) {
    expect(text).toContain(`"${word}"`);
  }
  expect(schema.properties['settle']).toMatchObject({
    anyOf: [{ type: 'string' }, { pattern: '\\$\\{[a-z][a-z0-9_-]*\\}' }],
  });
});
