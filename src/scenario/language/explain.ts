/** What the schema found, told as problems that a newcomer understands, at the place where they stand. */
import { z } from 'zod';

import { suggest } from '../../kernel/suggestion.ts';
import { LATER, ScenarioFile } from './language.ts';
import type { Problem, Source, SourcePath } from './source.ts';

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
  array: 'a list (lines that begin with "- ")',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
};

/** One problem for each thing that is wrong; what follows from an unknown key is not told besides. */
export function explain(source: Source, issues: readonly Issue[]): Problem[] {
  const misspelt = new Set(
    issues.filter(({ code }) => code === 'unrecognized_keys').map(({ path }) => path.join('/')),
  );
  return issues
    .filter(({ code, path }) => code !== 'custom' || !misspelt.has(path.join('/')))
    .flatMap((issue) => explainOne(source, issue));
}

function explainOne(source: Source, issue: Issue): Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => source.problem(issue.path, explainKey(issue.path, key), key));
  }
  if (issue.code === 'invalid_key') {
    const key = String(issue.path.at(-1));
    const message = issue.issues[0]?.message ?? issue.message;
    return [source.problem(issue.path.slice(0, -1), message, key)];
  }
  return [source.problem(issue.path, explainValue(source, issue))];
}

function explainKey(path: SourcePath, key: string): string {
  const place = path.findLast((part) => typeof part === 'string') ?? '';
  if (LATER[place]?.includes(key)) return `"${key}" is not supported by this version`;
  // A key of the top level that was indented too far is a common slip.
  const isMisplaced = path.length > 0 && keysAt(ScenarioFile, []).includes(key);
  const hint = isMisplaced
    ? 'It belongs to the top level of the file.'
    : suggest(key, keysAt(ScenarioFile, path));
  return `unknown key "${key}"${hint === undefined ? '' : `. ${hint}`}`;
}

function explainValue(source: Source, issue: Issue): string {
  const value = source.at(issue.path);
  if (issue.code === 'invalid_type') {
    if (value === undefined) return `"${String(issue.path.at(-1))}" is missing`;
    if (!issue.message.startsWith('Invalid input')) return issue.message;
    return `this must be ${KINDS[issue.expected] ?? issue.expected}`;
  }
  if (issue.code === 'too_small' && issue.origin === 'array') return 'this list must not be empty';
  return issue.message;
}

/** The keys that the language knows at a path. */
export function keysAt(schema: z.core.$ZodType, path: SourcePath): string[] {
  const object = walk(schema, path);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function walk(schema: z.core.$ZodType, path: SourcePath): z.core.$ZodType | undefined {
  const bare = unwrap(schema);
  const [part, ...rest] = path;
  if (part === undefined) return bare;
  const child = childOf(bare, part);
  return child === undefined ? undefined : walk(child, rest);
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault)
    return unwrap(schema.def.innerType);
  if (schema instanceof z.ZodPrefault) return unwrap(schema.def.innerType);
  return schema;
}

function childOf(schema: z.core.$ZodType, part: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodArray) return schema.def.element;
  if (schema instanceof z.ZodRecord) return schema.def.valueType;
  return schema instanceof z.ZodObject ? schema.shape[String(part)] : undefined;
}
