/** The JSON Schema of scenario files, for editors: made from the definition that the parser uses. */
import { z } from 'zod';

import { ScenarioFile } from './language.ts';

/** Where a word of a list, a number or a truth value may stand, text with `${name}` may stand. */
const REFERENCE = { type: 'string', pattern: '\\$\\{[a-z][a-z0-9_-]*\\}' };
const CLOSED_TYPES: readonly unknown[] = ['number', 'integer', 'boolean'];

/** Draft-07. A comment `# yaml-language-server: $schema=…` brings it to an editor. */
export function scenarioJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(ScenarioFile, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      simplify(jsonSchema);
      allowReference(jsonSchema);
    },
  });
  return { ...(namedByPattern(schema) as Record<string, unknown>), title: 'Wonderland scenario' };
}

/**
 * Mappings with free keys say so by patterns: editors take the key of `42: …` for a number, which no rule for
 * names of the type text lets pass.
 */
function namedByPattern(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(namedByPattern);
  if (typeof node !== 'object' || node === null) return node;
  const entries = Object.entries(node).map(([key, value]) => [key, namedByPattern(value)]);
  const schema = Object.fromEntries(entries) as Record<string, unknown>;
  const { propertyNames, additionalProperties, ...rest } = schema;
  const patterns = patternsOf(propertyNames);
  if (patterns.length === 0) return schema;
  const patternProperties = patterns.map((pattern) => [pattern, additionalProperties]);
  return {
    ...rest,
    patternProperties: Object.fromEntries(patternProperties) as Record<string, unknown>,
    additionalProperties: false,
  };
}

function patternsOf(names: unknown): readonly string[] {
  const { pattern, anyOf = [] } = (names ?? {}) as { pattern?: unknown; anyOf?: unknown[] };
  return typeof pattern === 'string' ? [pattern] : anyOf.flatMap(patternsOf);
}

/** Any whole number that a machine can count to: no news for a reader. */
const UNBOUNDED: readonly unknown[] = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];

/** Leaves out what editors get wrong (39.00 is no multiple of 0.01 in binary), and what says nothing. */
function simplify(schema: Record<string, unknown>): void {
  delete schema['multipleOf'];
  for (const bound of ['minimum', 'maximum']) {
    if (UNBOUNDED.includes(schema[bound])) delete schema[bound];
  }
}

function allowReference(schema: Record<string, unknown>): void {
  if (schema['type'] === 'string' && Array.isArray(schema['anyOf'])) {
    schema['anyOf'] = [...(schema['anyOf'] as unknown[]), REFERENCE];
    return;
  }
  const isWord = schema['type'] === 'string' && ('enum' in schema || 'pattern' in schema);
  if (!isWord && !CLOSED_TYPES.includes(schema['type'])) return;
  const { description, default: standard, ...own } = schema;
  for (const key of Object.keys(schema)) delete schema[key];
  Object.assign(schema, {
    ...(description !== undefined && { description }),
    ...(standard !== undefined && { default: standard }),
    anyOf: [own, REFERENCE],
  });
}
