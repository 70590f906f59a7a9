import { describe, expect, test } from 'vitest';

import { readSettings, required } from './settings.ts';

describe('settings', () => {
  test('have defaults for everything that can have one, and are frozen', () => {
    const settings = readSettings({}, '/project');
    expect(settings).toMatchObject({
      stack: 'default',
      httpPort: 4242,
      namespace: '',
      stateDir: '/project/.wonderland',
    });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  test('an empty variable counts as unset', () => {
    expect(readSettings({ WONDERLAND_AMQP_URL: '' }).amqpUrl).toBeUndefined();
  });

  test.each([
    [
      { WONDERLAND_AMQP_URL: 'http://x' },
      /WONDERLAND_AMQP_URL: must be a URL that begins with amqp:\/\//,
    ],
    [{ WONDERLAND_HTTP_PORT: '99999' }, /WONDERLAND_HTTP_PORT/],
    [{ WONDERLAND_NAMESPACE: 'Nope!' }, /WONDERLAND_NAMESPACE: lower-case/],
  ])('%o is refused by name', (environment, message) => {
    expect(() => readSettings(environment)).toThrow(message);
  });

  test('a missing one is named when it is needed', () => {
    expect(() => required(undefined, 'WONDERLAND_DATABASE_URL')).toThrow(
      /WONDERLAND_DATABASE_URL is not set/,
    );
  });
});
