/** Matching of headers exchanges: binding arguments against message headers. */
import { showValue, textOf, type Field, type FieldTable } from '../codec/field-table.ts';
import { ProtocolError } from '../errors.ts';

const MODES = ['all', 'any', 'all-with-x', 'any-with-x'];

/** @throws ProtocolError 406 when `x-match` is none of the four modes */
export function checkMatchMode(args: FieldTable): void {
  const field = args.get('x-match');
  if (field === undefined || MODES.includes(textOf(field) ?? '')) return;
  const shown = textOf(field) === undefined ? showValue(field) : `<<"${textOf(field)}">>`;
  throw new ProtocolError(
    'precondition-failed',
    `Invalid x-match field value ${shown}; expected all, any, all-with-x, or any-with-x`,
  );
}

/** Names that start with `x-` take part in the two `-with-x` modes only. */
export function matchesHeaders(args: FieldTable, headers: FieldTable): boolean {
  const mode = textOf(args.get('x-match')) ?? 'all';
  const wanted = [...args].filter(
    ([name]) => name !== 'x-match' && (mode.endsWith('-with-x') || !name.startsWith('x-')),
  );
  const holds = ([name, field]: readonly [string, Field]): boolean => {
    const actual = headers.get(name);
    // A binding without a value asks for presence only.
    return actual !== undefined && (field.type === 'V' || sameValue(field, actual));
  };
  return mode.startsWith('any') ? wanted.some(holds) : wanted.every(holds);
}

/** Equal values of number types are equal whatever their width, as Erlang compares them. */
function sameValue(left: Field, right: Field): boolean {
  if (Buffer.isBuffer(left.value) && Buffer.isBuffer(right.value)) {
    return left.value.equals(right.value);
  }
  if (typeof left.value === 'object' || typeof right.value === 'object') return false;
  if (typeof left.value === 'boolean' || typeof right.value === 'boolean') {
    return left.value === right.value;
  }
  return Number(left.value) === Number(right.value);
}
