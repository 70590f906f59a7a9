/** `matrix:` of a scenario file: the product of its values, each combination a run. */
import type { Source } from './source.ts';
import type { Variable, Variables } from './variables.ts';

/** Name and values of each variable that the file tries out. */
export type Axes = ReadonlyArray<readonly [name: string, values: readonly Variable[]]>;

/** What a file declares; anything else than lists of scalars is told by the schema later. */
export function declaredMatrix(source: Source): Axes {
  const declared = source.at(['matrix']);
  if (typeof declared !== 'object' || declared === null) return [];
  return Object.entries(declared).flatMap(([name, values]) => {
    const isAxis = Array.isArray(values) && values.length > 0 && values.every(isScalar);
    return isAxis ? [[name, values] as const] : [];
  });
}

/** One value of each: so that names are known before the product is made. */
export function firstCell(axes: Axes): Variables {
  return Object.fromEntries(
    axes.flatMap(([name, [first]]) => (first === undefined ? [] : [[name, first]])),
  );
}

/** Every combination, the last variable changing fastest; what is pinned has its one value. */
export function cellsOf(axes: Axes, pinned: Variables): Variables[] {
  let cells: Variables[] = [{}];
  for (const [name, values] of axes) {
    const pin = pinned[name];
    const tried = pin === undefined ? values : [pin];
    cells = cells.flatMap((cell) => tried.map((value) => ({ ...cell, [name]: value })));
  }
  return cells;
}

/** How many combinations there are: known before any is made. */
export function countCells(axes: Axes, pinned: Variables): number {
  return axes
    .filter(([name]) => pinned[name] === undefined)
    .reduce((product, [, values]) => product * values.length, 1);
}

function isScalar(value: unknown): value is Variable {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
