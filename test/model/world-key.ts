/** Worlds by content: each part is numbered once, so that a key is short and exact, not a hash. */
import type { World } from './world.ts';

export type KeyOf = (world: World) => string;

/** Numbers are valid for the function that gave them only. */
export function worldKeys(): KeyOf {
  const byText = new Map<string, number>();
  const byObject = new WeakMap<object, number>();
  const numberOf = (part: object | undefined): number => {
    if (part === undefined) return -1;
    const known = byObject.get(part);
    if (known !== undefined) return known;
    const text = textOf(part);
    const number = byText.get(text) ?? byText.size;
    byText.set(text, number);
    byObject.set(part, number);
    return number;
  };
  return ({ saga, sent, inbox, ledger, mails, hands, ...rest }) => {
    const parts = [saga, sent, inbox, ledger, mails, hands].map(numberOf).join('.');
    return `${parts}.${rest.isTimerSet}.${rest.shelf}.${rest.provider}.${rest.history}`;
  };
}

function textOf(part: object): string {
  if (Array.isArray(part)) return `list ${part.join()}`;
  return JSON.stringify(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
