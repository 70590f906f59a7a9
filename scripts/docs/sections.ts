/** Pages that people write, with sections between markers that are generated. */

/** By the name that stands in the marker. */
export type Sections = Readonly<Record<string, () => string>>;

const BEGIN = /^<!-- generated: ([a-z-]+) -->$/;

/**
 * The page with every section written anew; what stands between `<!-- generated: name -->` and
 * `<!-- /generated -->` goes. @throws Error when a section has no place, or a place has no section.
 */
export function fillSections(page: string, sections: Sections): string {
  const filled: string[] = [];
  const left = new Set(Object.keys(sections));
  let inside: string | undefined;
  for (const line of page.split('\n')) {
    const [, name] = BEGIN.exec(line) ?? [];
    if (name !== undefined && inside === undefined) {
      const write = sections[name];
      if (write === undefined || !left.delete(name))
        throw new Error(`no section "${name}" is left`);
      inside = name;
      filled.push(line, '', write().trim(), '');
    }
    if (line === '<!-- /generated -->') inside = undefined;
    if (inside === undefined) filled.push(line);
  }
  if (inside !== undefined) throw new Error(`the section "${inside}" has no end`);
  if (left.size > 0) throw new Error(`the page has no place for: ${[...left].join(', ')}`);
  return filled.join('\n');
}

/** A table of Markdown; a bar inside a cell is escaped. */
export function table(head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** As code; several with commas between them. */
export function code(...words: readonly string[]): string {
  return words.map((word) => `\`${word}\``).join(', ');
}
