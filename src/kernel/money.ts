/** Money is an integer number of cents; floating point never holds an amount. */

/** `3900` → `39.00`. */
export function formatCents(cents: number): string {
  const sign = cents < 0 ? '-' : '';
  const absolute = Math.abs(cents);
  return `${sign}${Math.floor(absolute / 100)}.${String(absolute % 100).padStart(2, '0')}`;
}

/** `3900` → `39.00 EUR`. */
export function formatMoney(cents: number, currency = 'EUR'): string {
  return `${formatCents(cents)} ${currency}`;
}

/** `39`, `39.5`, `39.00` → cents; undefined for anything else (more than two decimals included). */
export function parseCents(text: string): number | undefined {
  const match = /^(-?)(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim());
  if (match === null) return undefined;
  const cents = Number(match[2]) * 100 + Number((match[3] ?? '').padEnd(2, '0') || 0);
  return match[1] === '-' ? -cents : cents;
}
