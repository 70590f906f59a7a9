import { expect, test } from 'vitest';

import { liveClock } from '../kernel/live.ts';
import { openOutput, type Output } from './output.ts';
import { plain } from './palette.ts';

/** Both streams of a 20-column terminal in the order in which they were written. */
function terminal(json = false): { readonly output: Output; readonly written: () => string } {
  let written = '';
  const stream = { write: (text: string) => (written += text) !== '' };
  const facts = { isTerminal: true, isLive: false, columns: 20, hasColour: false };
  const output = openOutput({
    command: () => 'customers',
    json,
    out: stream,
    err: stream,
    outFacts: facts,
    errFacts: facts,
    paint: plain,
    paintNote: plain,
    clock: liveClock,
    spell: (text) => text.replace('wonderland ps', 'wonderland ps --stack b'),
  });
  return { output, written: () => written };
}

test('the last line of a result ends before a hint begins', () => {
  const { output, written } = terminal();
  output.result([], () => 'id\nC40');
  output.hint('50 of 79.');
  expect(written()).toBe('id\nC40\n50 of 79.\n');
});

test('notes and steps break between words, and name the stack', async () => {
  const { output, written } = terminal();
  output.note('See: wonderland ps');
  using progress = await output.progress();
  progress.step('done', 'now try wonderland ps');
  expect(written()).toBe('See: wonderland ps\n--stack b\n✔ now try wonderland\nps --stack b\n');
});

test('with --json a result is one document, and hints are left out', () => {
  const { output, written } = terminal(true);
  output.result({ next: 'wonderland ps' }, () => 'text');
  output.hint('more');
  expect(JSON.parse(written())).toEqual({
    command: 'customers',
    status: 'ok',
    result: { next: 'wonderland ps --stack b' },
  });
});
