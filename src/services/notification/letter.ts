/** A letter to a customer: what is said and to whom, before anybody decides how it travels. */
export interface Letter {
  /** Which of our letters this is; with the order it names the file of a local inbox. */
  readonly template: 'invoice' | 'rejection';
  readonly orderId: string;
  readonly to: { readonly name: string; readonly email: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** A whole HTML document around these paragraphs, which are HTML already. */
export function htmlPage(title: string, body: readonly string[]): string {
  return [
    '<!doctype html>',
    `<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>`,
    '<body style="font-family: Georgia, serif; max-width: 40em">',
    ...body,
    '</body></html>',
    '',
  ].join('\n');
}

/** Titles and names are other people's words: they must not become markup. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
