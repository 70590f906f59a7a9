import { describe, expect, it } from 'vitest';

import { mailIdOf } from './mailer.ts';

describe('the id of a mail', () => {
  it('is the same for every attempt at a message, and another for another message', () => {
    expect(mailIdOf('a:confirmed:event')).toBe(mailIdOf('a:confirmed:event'));
    expect(mailIdOf('a:confirmed:event')).not.toBe(mailIdOf('b:confirmed:event'));
  });
});
