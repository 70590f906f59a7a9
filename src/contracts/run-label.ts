/** How a message says which scenario run it belongs to, and which of its orders: `<run>/<order>`. */

/** Longest label, in characters; what is longer is no label. */
export const MAX_LABEL_LENGTH = 100;

/** `payment-failure-a1b2c3/o1`; the run alone when there is no order. */
export function labelOf(run: string, order: string | undefined): string {
  return order === undefined ? run : `${run}/${order}`;
}

export interface LabelParts {
  readonly run: string;
  /** The order's name in the scenario file. */
  readonly order?: string;
}

/** Takes a label apart. */
export function partsOf(label: string): LabelParts {
  const at = label.indexOf('/');
  return at === -1 ? { run: label } : { run: label.slice(0, at), order: label.slice(at + 1) };
}
