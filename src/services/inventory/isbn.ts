/** ISBN-13: the check digit, and numbers for books that have none. */

/** 979-9 is given to nobody, so an invented number never meets a real one. */
const INVENTED_PREFIX = '9799';

/** The thirteenth digit for the first twelve: weights 1 and 3 in turn, up to the next multiple of ten. */
function checkDigit(digits: string): number {
  const sum = Array.from(digits).reduce(
    (total, digit, index) => total + Number(digit) * (index % 2 === 0 ? 1 : 3),
    0,
  );
  return (10 - (sum % 10)) % 10;
}

export function isValidIsbn(isbn: string): boolean {
  return /^97[89]\d{10}$/.test(isbn) && checkDigit(isbn.slice(0, 12)) === Number(isbn.at(-1));
}

/** A valid ISBN-13 for a book that came without one; distinct for ids below 100 million. */
export function isbnFor(bookId: number): string {
  const digits = `${INVENTED_PREFIX}${String(bookId).padStart(8, '0')}`;
  return `${digits}${checkDigit(digits)}`;
}
