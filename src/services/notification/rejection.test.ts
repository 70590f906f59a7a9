import { describe, expect, it } from 'vitest';

import { TEST_CARDS } from '../../contracts/test-cards.ts';
import { explain, rejectionLetter } from './rejection.ts';

const orderId = '01990000-0000-7000-8000-000000000001';
const customer = { id: 'alice', name: 'Alice Liddell', email: 'alice@wonderland.example' };

describe('the rejection', () => {
  it('says why in words, and that nothing is to be paid', () => {
    const { text, html } = rejectionLetter({ orderId, customer, reason: 'out-of-stock' });
    expect(text).toContain('out of stock at the moment');
    expect(text).toContain('You pay nothing');
    expect(html).toContain('out of stock at the moment');
  });

  it('has words of its own for every reason of the test cards', () => {
    const reasons = TEST_CARDS.flatMap(({ behaviour }) =>
      behaviour.does === 'decline' ? [behaviour.reason] : [],
    );
    expect(reasons).not.toHaveLength(0);
    for (const reason of reasons) expect(explain(reason)).not.toContain(reason);
  });

  it('has words of its own for what the saga itself gives up, and none of them names a part', () => {
    for (const reason of ['reserve-timeout', 'reserve-failed', 'charge-timeout', 'charge-failed']) {
      expect(explain(reason)).not.toContain(reason);
    }
    expect(explain('charge-timeout')).toContain('withdrawn');
  });

  it('quotes a reason that it has no words for', () => {
    expect(explain('jabberwock')).toContain('"jabberwock"');
  });
});
