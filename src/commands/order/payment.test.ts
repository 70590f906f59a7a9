import { expect, test } from 'vitest';

import { UserError } from '../../kernel/errors.ts';
import { choosePayment } from './payment.ts';

test('without flags the default Visa card pays', () => {
  expect(choosePayment({})).toEqual({ kind: 'visa', token: 'tok_visa' });
  expect(choosePayment({ pay: 'paypal' })).toEqual({ kind: 'paypal', token: 'tok_paypal' });
});

test('a number is exchanged for a token, with spaces and dashes or without', () => {
  const token = { kind: 'visa', token: 'tok_insufficient_funds' };
  expect(choosePayment({ card: '4000 0000 0000 9995' })).toEqual(token);
  expect(choosePayment({ card: 'insufficient-funds' })).toEqual(token);
});

test('a number that is no test card is never repeated', () => {
  const number = '4111111111111111';
  const thrown = errorOf(() => choosePayment({ card: number }));
  expect(thrown.code).toBe('usage');
  expect(JSON.stringify([thrown.message, thrown.hint, thrown.details])).not.toContain('4111');
  expect(thrown.hint).toContain('insufficient-funds');
});

test('a misspelt name finds its neighbour', () => {
  expect(errorOf(() => choosePayment({ card: 'lost-crad' })).hint).toContain(
    'Did you mean lost-card?',
  );
});

test('a card of another kind than --pay is refused', () => {
  expect(() => choosePayment({ pay: 'paypal', card: 'visa' })).toThrow('is visa, not paypal');
});

function errorOf(call: () => unknown): UserError {
  try {
    call();
  } catch (error) {
    if (error instanceof UserError) return error;
  }
  throw new Error('nothing was thrown');
}
