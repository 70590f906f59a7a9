/** HTML and SVG that cannot be broken out of: whatever is put into a template is escaped, unless it is markup itself. */

/** Text that is markup already. Only `html` makes one. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Child = Markup | string | number | undefined | false | readonly Child[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
// Control characters are no text in HTML or XML, even as entities; tab and line ends are.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]|\p{Surrogate}/gu;

/** For text and for quoted attributes, in HTML and in XML. */
export function escapeText(text: string): string {
  return text.replaceAll(CONTROL, '\uFFFD').replaceAll(/[&<>"']/g, (each) => ENTITIES[each] ?? '');
}

/** A template whose values are escaped; lists are joined, nothing stands for undefined and false. */
export function html(strings: TemplateStringsArray, ...values: readonly Child[]): Markup {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) {
    text += textOf(value) + (strings[index + 1] ?? '');
  }
  return new Markup(text);
}

function textOf(child: Child): string {
  if (child instanceof Markup) return child.text;
  if (child === undefined || child === false) return '';
  if (typeof child === 'string') return escapeText(child);
  if (typeof child === 'number') return String(child);
  return child.map(textOf).join('');
}
