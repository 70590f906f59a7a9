/** A letter to a customer: what is said and to whom, before anybody decides how it travels. */
export interface Letter {
  /** Which of our letters this is; with the order it names the file of a local inbox. */
  readonly template: 'invoice' | 'rejection' | 'shipping' | 'cancellation';
  readonly orderId: string;
  readonly to: { readonly name: string; readonly email: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** What every letter has, whatever it is about. */
export interface Correspondence {
  readonly template: Letter['template'];
  readonly orderId: string;
  readonly customer: { readonly name: string; readonly email: string };
  readonly subject: string;
  /** Plain words between the salutation and the signature; lines inside one stand below each other. */
  readonly paragraphs: readonly string[];
}

/** A letter of plain words. */
export function plainLetter({ template, orderId, customer, ...rest }: Correspondence): Letter {
  const { subject } = rest;
  const paragraphs = [`Dear ${customer.name},`, ...rest.paragraphs, 'Wonderland Books'];
  const html = paragraphs.map((each) => `<p>${escapeHtml(each).replaceAll('\n', '<br>')}</p>`);
  return {
    template,
    orderId,
    to: { name: customer.name, email: customer.email },
    subject,
    text: `${paragraphs.join('\n\n')}\n`,
    html: htmlPage(subject, html),
  };
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
