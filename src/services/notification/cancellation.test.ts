import { describe, expect, it } from 'vitest';

import { cancellationLetter } from './cancellation.ts';

const orderId = '01990000-0000-7000-8000-000000000001';
const customer = { id: 'alice', name: 'Alice <Liddell>', email: 'alice@wonderland.example' };
const cancelled = (refundedCents: number) =>
  cancellationLetter({ orderId, customer, refundedCents, currency: 'EUR' });

describe('the cancellation', () => {
  it('says that the order is cancelled and what is given back', () => {
    const { subject, text, html } = cancelled(2_598);
    for (const part of [subject, text, html]) expect(part).toContain(orderId);
    expect(text).toContain('You get back the 25.98 EUR');
    expect(html).toContain('You get back the 25.98 EUR');
  });

  it('says so when it had not come to a charge', () => {
    const { text } = cancelled(0);
    expect(text).toContain('You were not charged');
    expect(text).not.toContain('EUR');
  });

  it('shows names as text, never as markup', () => {
    expect(cancelled(0).html).toContain('Alice &lt;Liddell&gt;');
  });
});
