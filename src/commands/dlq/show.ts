/** Shows one dead letter: why it died, where it belongs, what it says. */
import type { DeadLetterDetail } from '../../contracts/dead-letters.ts';
import type { CommandContext } from '../context.ts';
import { connectToMediator } from '../connect.ts';
import type { Output } from '../output.ts';
import { formatInstant } from '../times.ts';
import { wrap } from '../wrapping.ts';
import { idOf, withSuggestion } from './input.ts';

/** Bytes of hex in a line, where the body is no text. */
const HEX_BYTES = 16;
const HEX_LINES = 16;
const LABEL_WIDTH = 10;

/** @throws UserError `unknown-dead-letter` with a suggestion. */
export async function runDlqShow(
  options: { readonly id: string },
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  const id = idOf(options.id);
  const { deadLetters: client } = await connectToMediator(context);
  const letter = await withSuggestion(client, () => client.show(id));
  output.result({ deadLetter: letter }, () => render(letter, output));
  if (letter.orderId !== undefined)
    output.hint(`Its order: wonderland order show ${letter.orderId}`);
  output.hint(
    canBeRetried(letter)
      ? `Once what failed is repaired: wonderland dlq retry ${letter.id}`
      : `Remove it: wonderland dlq drop ${letter.id}`,
  );
}

/** Some poison stays poison, whatever is repaired. */
function canBeRetried({ reason, body, queue }: DeadLetterDetail): boolean {
  return body.isKept && queue !== '' && reason !== 'unparsable';
}

function render(letter: DeadLetterDetail, output: Output): string {
  const line = ([label, text]: readonly [string, string]): string =>
    wrap(
      `${output.paint('quiet', `${label}:`.padEnd(LABEL_WIDTH))} ${text}`,
      output.columns,
      LABEL_WIDTH + 1,
    );
  return [
    wrap(`Dead letter ${output.paint('strong', letter.id)}`, output.columns),
    ...factsOf(letter).map(line),
    '',
    output.paint('quiet', 'Properties:'),
    JSON.stringify(letter.properties, undefined, 2),
    '',
    output.paint('quiet', `Body (${letter.sizeBytes} bytes):`),
    bodyOf(letter),
  ].join('\n');
}

function factsOf(letter: DeadLetterDetail): readonly (readonly [string, string])[] {
  const { service, orderId, traceId, messageId, retries, retriedAt } = letter;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['reason', `${letter.reason}: ${letter.detail}`],
    ['given up', service === undefined ? 'by the broker' : `by ${service}`],
    ['queue', letter.queue === '' ? 'nobody knows' : letter.queue],
    ['type', letter.type],
    ['message', messageId],
    ['order', orderId],
    ['trace', traceId],
    ['died', `${formatInstant(letter.lastAt)}${timesOf(letter)}`],
    ['retried', retriedAt === undefined ? undefined : retriedText(retries, retriedAt)],
  ];
  return facts.flatMap(([label, text]) => (text === undefined ? [] : [[label, text] as const]));
}

function retriedText(retries: number, at: number): string {
  const last = formatInstant(at);
  return retries === 1 ? last : `${retries} times, last ${last}`;
}

function timesOf({ times, firstAt }: DeadLetterDetail): string {
  return times === 1 ? '' : `, ${times} times since ${formatInstant(firstAt)}`;
}

function bodyOf({ body, sizeBytes }: DeadLetterDetail): string {
  const isWhole =
    Buffer.byteLength(body.content, body.encoding === 'text' ? 'utf8' : 'base64') >= sizeBytes;
  const shown = body.encoding === 'text' ? printable(body.content) : hexOf(body.content);
  return isWhole ? shown : `${shown}\n… (the beginning of it)`;
}

/** Other people's bytes must not move the cursor or change colours. */
function printable(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n\t]/gu, '\u{FFFD}');
}

function hexOf(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  const lines = Array.from({ length: Math.ceil(bytes.length / HEX_BYTES) }, (_, index) =>
    bytes
      .subarray(index * HEX_BYTES, (index + 1) * HEX_BYTES)
      .toString('hex')
      .replaceAll(/..(?=.)/g, '$& '),
  );
  return lines.length <= HEX_LINES
    ? lines.join('\n')
    : [...lines.slice(0, HEX_LINES), '…'].join('\n');
}
