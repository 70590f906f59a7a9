/** A broken promise, by its short name and in words. */
export class Violation extends Error {
  readonly rule: string;

  constructor(rule: string, what: string) {
    super(`${rule}: ${what}`);
    this.rule = rule;
  }
}

/** @throws Violation when the claim does not hold. */
export function claim(holds: boolean, rule: string, what: string | (() => string) = ''): void {
  if (!holds) throw new Violation(rule, typeof what === 'string' ? what : what());
}
