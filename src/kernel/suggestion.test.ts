import { expect, test } from 'vitest';

import { closest, suggest } from './suggestion.ts';

const EVENTS = ['reserved', 'refused', 'released', 'charged'];

test('a misspelt word finds the known word that takes the fewest edits', () => {
  expect(closest('reservd', EVENTS)).toBe('reserved');
  expect(closest('chagred', EVENTS)).toBe('charged');
  expect(closest('RELEASED', EVENTS)).toBe('released');
});

test('the beginning of a word is enough', () => {
  expect(closest('pay', ['customer', 'payment'])).toBe('payment');
});

test('a word that resembles nothing has no suggestion, and a short list is shown instead', () => {
  expect(closest('elephant', EVENTS)).toBeUndefined();
  expect(suggest('elephant', EVENTS)).toBe('Known: reserved, refused, released, charged.');
});
