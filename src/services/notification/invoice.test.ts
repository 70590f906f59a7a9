import { describe, expect, it } from 'vitest';

import { invoiceLetter } from './invoice.ts';

const orderId = '01990000-0000-7000-8000-000000000001';
const customer = { id: 'alice', name: 'Alice Liddell', email: 'alice@wonderland.example' };
const order = {
  orderId,
  customer,
  lines: [
    { bookId: 42, quantity: 2, title: "The Hitchhiker's Guide", unitPriceCents: 1_299 },
    { bookId: 7, quantity: 1, title: 'Gödel & <Escher>', unitPriceCents: 12_005 },
  ],
  totalCents: 14_603,
  currency: 'EUR' as const,
};

describe('the invoice', () => {
  it('lists every book with copies, price and amount, and the total', () => {
    const { text } = invoiceLetter(order);
    expect(text).toContain(
      [
        ` 25.98 EUR  2 × The Hitchhiker's Guide (12.99 EUR each)`,
        `120.05 EUR  1 × Gödel & <Escher> (120.05 EUR each)`,
        `----------`,
        `146.03 EUR  total`,
      ].join('\n'),
    );
  });

  it('names the order in subject, text and HTML, and is addressed to the customer', () => {
    const letter = invoiceLetter(order);
    for (const part of [letter.subject, letter.text, letter.html]) expect(part).toContain(orderId);
    expect(letter.to).toEqual({ name: 'Alice Liddell', email: 'alice@wonderland.example' });
    expect(letter.text).toMatch(/^Dear Alice Liddell,/);
  });

  it('shows titles and names as text, never as markup', () => {
    const name = '<script>alert(1)</script>';
    const { html } = invoiceLetter({ ...order, customer: { ...customer, name } });
    expect(html).toContain('Gödel &amp; &lt;Escher&gt;');
    expect(html).not.toContain('<script>');
  });
});
