/** Text for narrow terminals: broken between words, never inside one. */
import { stripVTControlCharacters } from 'node:util';

/** Characters that a terminal shows of a text. */
export function visibleWidth(text: string): number {
  return Array.from(stripVTControlCharacters(text)).length;
}

/**
 * Breaks text at spaces so that no line is longer than the width, unless one word is. A line that is
 * broken goes on under its own indentation, and `hanging` characters further to the right.
 * @param width characters; undefined when nothing has to be broken.
 */
export function wrap(text: string, width: number | undefined, hanging = 0): string {
  if (width === undefined) return text;
  return text
    .split('\n')
    .flatMap((line) => wrapLine(line, width, hanging))
    .join('\n');
}

function wrapLine(text: string, width: number, hanging: number): readonly string[] {
  const indent = /^ */.exec(text)?.[0] ?? '';
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.slice(indent.length).split(' ')) {
    const longer: string = line === undefined ? `${indent}${word}` : `${line} ${word}`;
    if (line !== undefined && visibleWidth(longer) > width) {
      lines.push(line.trimEnd());
      line = `${indent}${' '.repeat(hanging)}${word}`;
    } else line = longer;
  }
  return [...lines, line ?? indent];
}
