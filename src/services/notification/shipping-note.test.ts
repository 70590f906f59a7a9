import { describe, expect, it } from 'vitest';

import { shippingNote } from './shipping-note.ts';

const orderId = '01990000-0000-7000-8000-000000000001';
const customer = { id: 'alice', name: 'Alice Liddell', email: 'alice@wonderland.example' };
const lines = [
  { bookId: 42, quantity: 2, title: "The Hitchhiker's Guide", unitPriceCents: 1_299 },
  { bookId: 7, quantity: 1, title: 'Gödel & <Escher>', unitPriceCents: 12_005 },
];

describe('the shipping note', () => {
  it('names the order and lists what is in the parcel, and that it cannot be cancelled any more', () => {
    const { subject, text } = shippingNote({ orderId, customer, lines });
    expect(subject).toContain(orderId);
    expect(text).toContain("2 × The Hitchhiker's Guide\n1 × Gödel & <Escher>\n");
    expect(text).toContain('no longer be cancelled');
  });

  it('has each book on a line of its own in HTML, titles as text', () => {
    const { html } = shippingNote({ orderId, customer, lines });
    expect(html).toContain("2 × The Hitchhiker's Guide<br>1 × Gödel &amp; &lt;Escher&gt;");
  });
});
