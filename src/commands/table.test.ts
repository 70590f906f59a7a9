import fc from 'fast-check';
import { expect, test } from 'vitest';

import { plain } from './palette.ts';
import { cut, renderTable, type Column } from './table.ts';
import { visibleWidth } from './wrapping.ts';

interface Row {
  readonly id: string;
  readonly title: string;
  readonly note: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'id', value: (row) => row.id, align: 'right' },
  { title: 'title', value: (row) => row.title, canShrink: true },
  { title: 'note', value: (row) => row.note, canGo: true },
];
const ROWS: readonly Row[] = [
  { id: '7', title: "Alice's Adventures in Wonderland", note: 'in stock' },
  { id: '42', title: 'Emma', note: 'sold out' },
];

test('without a width nothing is cut', () => {
  expect(renderTable(ROWS, COLUMNS, { columns: undefined, paint: plain })).toBe(
    [
      'id  title                             note',
      " 7  Alice's Adventures in Wonderland  in stock",
      '42  Emma                              sold out',
    ].join('\n'),
  );
});

test('a column that may shrink is cut with an ellipsis', () => {
  const text = renderTable(ROWS, COLUMNS, { columns: 30, paint: plain });
  expect(text).toContain('Alice’s'.replace('’', "'"));
  expect(text).toContain('…');
  expect(text).toContain('sold out');
});

test('in a very narrow terminal a column goes before an id is cut', () => {
  const text = renderTable(ROWS, COLUMNS, { columns: 14, paint: plain });
  expect(text).not.toContain('sold out');
  expect(text).toContain('42');
  expect(text).toContain('no room for:\nnote');
});

test('a value is shortened when nothing else helps', () => {
  const columns: readonly Column<Row>[] = [
    { title: 'id', value: (row) => row.title, short: (row) => `…${row.title.slice(-4)}` },
    { title: 'note', value: (row) => row.note, canGo: true },
  ];
  const text = renderTable(ROWS, columns, { columns: 20, paint: plain });
  expect(text).toBe('id\n…land\n…Emma\nno room for: note');
});

test('no line is wider than the terminal while the shrinking column has room', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 14, max: 120 }),
      fc.array(fc.string({ unit: 'grapheme' })),
      (width, titles) => {
        const rows = titles.map((title, index) => ({ id: String(index), title, note: 'note' }));
        const text = renderTable(rows, COLUMNS, { columns: width, paint: plain });
        for (const line of text.split('\n')) expect(visibleWidth(line)).toBeLessThanOrEqual(width);
      },
    ),
  );
});

test('colour codes have no width', () => {
  expect(visibleWidth('\u001b[31mred\u001b[39m')).toBe(3);
  expect(cut('\u001b[31mred\u001b[39m', 3)).toContain('red');
});
