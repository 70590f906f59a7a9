/** The letter after a sale: the order is confirmed, and here is the invoice. */
import type { orderConfirmed } from '../../contracts/notification.ts';
import type { BodyOf } from '../../contracts/message.ts';
import type { PricedLine } from '../../contracts/primitives.ts';
import { formatMoney } from '../../kernel/money.ts';
import { escapeHtml, htmlPage, type Letter } from './letter.ts';

export type Confirmed = BodyOf<typeof orderConfirmed>;

export function invoiceLetter(order: Confirmed): Letter {
  const { orderId, customer } = order;
  return {
    template: 'invoice',
    orderId,
    to: { name: customer.name, email: customer.email },
    subject: `Your invoice for order ${orderId}`,
    text: textOf(order),
    html: htmlOf(order),
  };
}

function textOf({ orderId, customer, lines, totalCents, currency }: Confirmed): string {
  const amounts = [...lines.map(amountOf), totalCents].map((each) => formatMoney(each, currency));
  const width = Math.max(...amounts.map((each) => each.length));
  const total = amounts.at(-1) ?? '';
  return [
    `Dear ${customer.name},`,
    '',
    'thank you for your order. It is paid, and we are packing your books.',
    '',
    `Invoice for order ${orderId}`,
    '',
    ...lines.map(
      (line, index) =>
        `${(amounts[index] ?? '').padStart(width)}  ${line.quantity} × ${line.title} (${formatMoney(line.unitPriceCents, currency)} each)`,
    ),
    '-'.repeat(width),
    `${total.padStart(width)}  total`,
    '',
    'Wonderland Books',
    '',
  ].join('\n');
}

function htmlOf({ orderId, customer, lines, totalCents, currency }: Confirmed): string {
  const money = (cents: number): string => formatMoney(cents, currency);
  const row = (line: PricedLine): string =>
    `<tr><td>${escapeHtml(line.title)}</td>${cell(String(line.quantity))}` +
    `${cell(money(line.unitPriceCents))}${cell(money(amountOf(line)))}</tr>`;
  return htmlPage(`Invoice for order ${orderId}`, [
    `<p>Dear ${escapeHtml(customer.name)},</p>`,
    '<p>thank you for your order. It is paid, and we are packing your books.</p>',
    `<h2>Invoice</h2><p>Order ${orderId}</p>`,
    '<table cellpadding="4">',
    '<tr><th align="left">Book</th><th>Copies</th><th>Price</th><th>Amount</th></tr>',
    ...lines.map(row),
    `<tr><td colspan="3"><b>Total</b></td><td align="right"><b>${money(totalCents)}</b></td></tr>`,
    '</table>',
    '<p>Wonderland Books</p>',
  ]);
}

function cell(text: string): string {
  return `<td align="right">${escapeHtml(text)}</td>`;
}

function amountOf(line: PricedLine): number {
  return line.quantity * line.unitPriceCents;
}
