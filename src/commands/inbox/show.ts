/** Shows the text of one mail, from the file in the inbox of the stack. */
import { UserError } from '../../kernel/errors.ts';
import type { CommandContext } from '../context.ts';
import { formatInstant } from '../times.ts';
import { readInbox, type KeptMail } from './mail-folder.ts';

/** @throws UserError `usage` when there is no such mail. */
export async function runInboxShow(
  { id }: { readonly id: string | undefined },
  context: CommandContext,
): Promise<void> {
  const mails = await readInbox(await context.settings());
  const mail = mails.find(
    (each) => id === undefined || each.id.startsWith(id) || each.orderId.startsWith(id),
  );
  if (mail === undefined) throw noMail(id);
  context.output.result({ mail }, () => render(mail, context));
}

function render(mail: KeptMail, { output }: CommandContext): string {
  const label = (text: string): string => output.paint('quiet', text);
  return [
    `${label('To:')}      ${mail.to}`,
    `${label('Subject:')} ${output.paint('strong', mail.subject)}`,
    `${label('Date:')}    ${formatInstant(mail.sentAt)}`,
    '',
    mail.text.trimEnd(),
  ].join('\n');
}

function noMail(id: string | undefined): UserError {
  const what =
    id === undefined ? 'The inbox is empty.' : `No mail in the inbox has the id "${id}".`;
  return new UserError('usage', what, {
    hint: 'See `wonderland inbox`. Mails that left through an SMTP server are not kept here.',
    ...(id !== undefined && { details: { mail: id } }),
  });
}
