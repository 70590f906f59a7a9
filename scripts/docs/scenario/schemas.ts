/** What stands in a schema below its wrappers. */
import { z } from 'zod';

export interface Peeled {
  /** Without optional and default. */
  readonly core: z.ZodType;
  /** The outermost. */
  readonly description: string | undefined;
  readonly standard: unknown;
  readonly isOptional: boolean;
}

/** Takes the wrappers off. */
export function peel(schema: z.ZodType): Peeled {
  const { description } = schema;
  if (schema instanceof z.ZodOptional) {
    const inner = peel(schema.unwrap() as z.ZodType);
    return { ...inner, description: description ?? inner.description, isOptional: true };
  }
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    const inner = peel(schema.unwrap() as z.ZodType);
    const standard: unknown = schema.def.defaultValue;
    return { ...inner, description: description ?? inner.description, standard, isOptional: true };
  }
  return { core: schema, description, standard: undefined, isOptional: false };
}

/** The keys of an object; of a record, those that each of its values has, below `<name>`. */
export function childrenOf(schema: z.ZodType): Array<{ name: string; schema: z.ZodType }> {
  const { core } = peel(schema);
  if (core instanceof z.ZodObject) {
    return Object.entries(core.shape as Record<string, z.ZodType>).map(([name, child]) => ({
      name,
      schema: child,
    }));
  }
  if (!(core instanceof z.ZodRecord)) return [];
  return childrenOf(core.valueType as z.ZodType).map(({ name, schema: child }) => ({
    name: `<name>.${name}`,
    schema: child,
  }));
}

/** A mapping from some of many names to values of one kind: the names say all there is to say. */
export function isLookup(schema: z.ZodType): boolean {
  const children = childrenOf(schema);
  return (
    schema instanceof z.ZodObject &&
    children.length > 0 &&
    children.every(({ schema: child }) => peel(child).description === undefined)
  );
}
