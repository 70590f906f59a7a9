import { CommanderError } from 'commander';
import { expect, test } from 'vitest';

import { BugError, UserError } from '../kernel/errors.ts';
import { classify, failureDocument, failureText } from './failure.ts';
import { plain } from './palette.ts';

const show = (error: UserError | BugError, verbose = false): string =>
  failureText(error, { verbose, paint: plain, spell: String, columns: undefined });

test('a user error shows message and hint, and no stack unless it is asked for', () => {
  const error = new UserError('unknown-book', 'There is no book "4242".', { hint: 'See `books`.' });
  expect(show(error)).toBe('✖ There is no book "4242".\n  See `books`.\n');
  expect(show(error, true)).toContain('failure.test.ts');
});

test('a defect of ours shows its stack and asks for a report', () => {
  expect(show(new BugError('oops'))).toMatch(/defect.*oops[\s\S]*report[\s\S]*failure\.test\.ts/);
});

test('what nobody foresaw is a defect', () => {
  expect(classify(new TypeError('x is undefined'), 'order')).toMatchObject({
    code: 'bug',
    exit: 1,
  });
});

test('commander’s complaints become usage errors with its suggestion', () => {
  const error = new CommanderError(
    1,
    'commander.unknownOption',
    "error: unknown option '--bok'\n(Did you mean --book?)",
  );
  expect(classify(error, 'order')).toMatchObject({
    code: 'usage',
    message: 'There is no option --bok.',
    hint: 'Did you mean --book? See `wonderland order --help`.',
  });
});

test('a directory that may not be written is a matter of permission', () => {
  const error = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
  expect(classify(error, 'up')).toMatchObject({ code: 'permission', exit: 4 });
});

test('as JSON a failure is one document with command, code, hint and details', () => {
  const error = new UserError('unknown-order', 'There is no order x.', { details: { id: 'x' } });
  expect(JSON.parse(failureDocument(error, { command: 'order show', spell: String }))).toEqual({
    command: 'order show',
    status: 'error',
    error: {
      code: 'unknown-order',
      message: 'There is no order x.',
      hint: null,
      retryable: false,
      details: { id: 'x' },
    },
  });
});
