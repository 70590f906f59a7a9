/** Which test card pays. The number is exchanged for a token here, so that it never leaves this process. */
import type { PaymentKind, PaymentMethod } from '../../contracts/payment.ts';
import { defaultMethod, findTestCard, TEST_CARDS } from '../../contracts/test-cards.ts';
import { UserError } from '../../kernel/errors.ts';
import { closest } from '../../kernel/suggestion.ts';

export interface PaymentFlags {
  readonly pay?: PaymentKind | undefined;
  /** Name or number of a test card. */
  readonly card?: string | undefined;
}

/** @throws UserError `usage`; the message never repeats what may be a real card number. */
export function choosePayment({ pay, card }: PaymentFlags): PaymentMethod {
  if (card === undefined) return defaultMethod(pay ?? 'visa');
  const found = findTestCard(card);
  if (found === undefined) throw unknownCard(card);
  if (pay !== undefined && pay !== found.kind) {
    throw new UserError('usage', `The test card ${found.name} is ${found.kind}, not ${pay}.`, {
      hint: `Leave out --pay, or write --pay ${found.kind}.`,
    });
  }
  return { kind: found.kind, token: found.token };
}

function unknownCard(typed: string): UserError {
  const names = TEST_CARDS.map((each) => each.name);
  const isName = /^[a-z-]+$/i.test(typed);
  const near = isName ? closest(typed, names) : undefined;
  const list = `Test cards: ${names.join(', ')}.`;
  const what = isName ? `There is no test card "${typed}".` : 'This is not one of the test cards.';
  return new UserError('usage', what, {
    hint: near === undefined ? list : `Did you mean ${near}? ${list}`,
    details: { testCards: names },
  });
}
