import { describe, expect, test } from 'vitest';

import { ClosingStack } from './closing.ts';

describe('a closing stack', () => {
  test('closes in reverse order, also after one has failed, and reports the failure', async () => {
    const closed: string[] = [];
    const stack = new ClosingStack();
    stack.defer(() => closed.push('first'));
    stack.defer(() => Promise.reject(new Error('stuck')));
    stack.defer(async () => {
      await Promise.resolve();
      closed.push('last');
    });
    await expect(stack[Symbol.asyncDispose]()).rejects.toThrow('stuck');
    expect(closed).toEqual(['last', 'first']);
  });

  test('reports all failures when there are several', async () => {
    const stack = new ClosingStack();
    stack.defer(() => Promise.reject(new Error('one')));
    stack.defer(() => Promise.reject(new Error('two')));
    await expect(stack[Symbol.asyncDispose]()).rejects.toMatchObject({
      errors: [{ message: 'two' }, { message: 'one' }],
    });
  });

  test('that was moved closes nothing: the new owner does', async () => {
    let isClosed = false;
    const stack = new ClosingStack();
    stack.defer(() => (isClosed = true));
    const moved = stack.move();
    await stack[Symbol.asyncDispose]();
    expect(isClosed).toBe(false);
    await moved[Symbol.asyncDispose]();
    expect(isClosed).toBe(true);
  });
});
