/** The payment provider's test cards: what the customer's side turns into tokens, and what each one does. */
import type { PaymentKind, PaymentMethod } from './payment.ts';

/** `capture` succeeds, `decline` says no with a reason, `error` fails without an answer, `late` succeeds after a while. */
export type CardBehaviour =
  | { readonly does: 'capture' }
  | { readonly does: 'decline'; readonly reason: string }
  | { readonly does: 'error' }
  | { readonly does: 'late'; readonly afterMs: number };

export interface TestCard {
  /** What `--card` accepts beside the number. */
  readonly name: string;
  readonly kind: PaymentKind;
  /** The well-known test number, without spaces; PayPal has an account instead. */
  readonly number: string;
  readonly token: string;
  readonly behaviour: CardBehaviour;
}

const card = (
  name: string,
  kind: PaymentKind,
  number: string,
  behaviour: CardBehaviour,
): TestCard => ({ name, kind, number, token: `tok_${name.replaceAll('-', '_')}`, behaviour });

const decline = (reason: string): CardBehaviour => ({ does: 'decline', reason });

/** The first card of each kind is its default. Numbers are the public test numbers of card schemes. */
export const TEST_CARDS: readonly TestCard[] = [
  card('visa', 'visa', '4242424242424242', { does: 'capture' }),
  card('mastercard', 'mastercard', '5555555555554444', { does: 'capture' }),
  card('paypal', 'paypal', 'buyer@paypal.test', { does: 'capture' }),
  card('card-declined', 'visa', '4000000000000002', decline('card_declined')),
  card('insufficient-funds', 'visa', '4000000000009995', decline('insufficient_funds')),
  card('lost-card', 'visa', '4000000000009987', decline('lost_card')),
  card('expired-card', 'mastercard', '5105105105105100', decline('expired_card')),
  card('paypal-declined', 'paypal', 'empty@paypal.test', decline('payer_cannot_pay')),
  card('provider-error', 'visa', '4000000000000119', { does: 'error' }),
  card('late-answer', 'visa', '4000000000000259', { does: 'late', afterMs: 3_000 }),
];

/** The card's token, by name or number (spaces and dashes allowed); undefined when there is no such test card. */
export function findTestCard(nameOrNumber: string): TestCard | undefined {
  const wanted = nameOrNumber.trim().toLowerCase();
  const digits = wanted.replaceAll(/[ -]/g, '');
  return TEST_CARDS.find(
    (each) => each.name === wanted || each.number === digits || each.number === wanted,
  );
}

/** The method that pays with the kind's default test card. */
export function defaultMethod(kind: PaymentKind): PaymentMethod {
  const found = TEST_CARDS.find((each) => each.kind === kind);
  return { kind, token: found?.token ?? `tok_${kind}` };
}
