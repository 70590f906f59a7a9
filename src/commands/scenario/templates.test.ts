import { expect, test } from 'vitest';

import { parseScenario } from '../../scenario/language/parse.ts';
import { TEMPLATES, writeScenario } from './templates.ts';

test.each(TEMPLATES.map((template) => [template.kind, template] as const))(
  'a new scenario of the kind %s is valid, whatever was typed',
  (_, template) => {
    const about = `A "test": with # everything,\n - and 'more'.`;
    const made = { name: 'mine', about, book: 7, schema: '../x.json' };
    const text = writeScenario(template, made);
    const result = parseScenario({ file: 'mine.yaml', text });
    expect(result).toMatchObject({
      ok: true,
      runs: [{ scenario: { scenario: 'mine', given: { books: { 7: { price: 3_900 } } } } }],
    });
    expect(text.startsWith('# yaml-language-server: $schema=../x.json\n')).toBe(true);
  },
);
