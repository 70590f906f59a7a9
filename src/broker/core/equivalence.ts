/** Is a second declaration of the same name the same declaration? RabbitMQ's words for where it is not. */
import {
  showValue,
  textOf,
  typeNameOf,
  type Field,
  type FieldTable,
} from '../codec/field-table.ts';
import { ProtocolError } from '../errors.ts';

export interface Comparison {
  /** `queue 'q' in vhost '/'`. */
  readonly where: string;
  readonly received: FieldTable;
  readonly current: FieldTable;
}

/** @throws ProtocolError 406 naming the property with both values */
export function assertSameProperty(
  where: string,
  property: string,
  values: { readonly received: boolean | string; readonly current: boolean | string },
): void {
  if (values.received === values.current) return;
  throw inequivalent(where, property, `'${values.received}'`, `'${values.current}'`);
}

/** Compares the named arguments only: unknown ones may differ. @throws ProtocolError 406 */
export function assertSameArguments(names: readonly string[], comparison: Comparison): void {
  for (const name of names) {
    const received = comparison.received.get(name);
    const current = comparison.current.get(name);
    if (isSame(received, current)) continue;
    // "No type" and "classic" are the same queue.
    if (name === 'x-queue-type' && isClassic(received) && isClassic(current)) continue;
    if (received !== undefined && current !== undefined) {
      const values = [showValue(received), showValue(current)] as const;
      throw inequivalent(comparison.where, name, `'${values[0]}'`, `'${values[1]}'`);
    }
    throw inequivalent(comparison.where, name, withType(received), withType(current));
  }
}

function isClassic(field: Field | undefined): boolean {
  return field === undefined || textOf(field) === 'classic';
}

function isSame(left: Field | undefined, right: Field | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return showValue(left) === showValue(right);
}

function withType(field: Field | undefined): string {
  if (field === undefined) return 'none';
  return `the value '${showValue(field)}' of type '${typeNameOf(field)}'`;
}

function inequivalent(
  where: string,
  name: string,
  received: string,
  current: string,
): ProtocolError {
  return new ProtocolError(
    'precondition-failed',
    `inequivalent arg '${name}' for ${where}: received ${received} but current is ${current}`,
  );
}
