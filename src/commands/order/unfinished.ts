/** Why a command ends before the order does: the user stopped, or a part does not answer. */
import type { OrderDetail } from '../../contracts/orders.ts';
import { formatDuration } from '../../kernel/durations.ts';
import { UserError } from '../../kernel/errors.ts';

export function interrupted(orderId: string): UserError {
  return new UserError('interrupted', `Stopped watching; order ${orderId} goes on without you.`, {
    hint: `See what became of it: wonderland order show ${orderId}`,
    details: { orderId },
  });
}

export interface NotSettled {
  readonly detail: OrderDetail;
  readonly timeoutMs: number;
  readonly awaited: readonly string[];
}

export function notSettled({ detail, timeoutMs, awaited }: NotSettled): UserError {
  const names = awaited.length === 0 ? 'the missing part' : awaited.join(' and ');
  const who = `${names} ${awaited.length > 1 ? 'answer' : 'answers'}`;
  return new UserError(
    'timeout',
    `Order ${detail.id} is still ${detail.status} after ${formatDuration(timeoutMs)}.`,
    {
      hint: `Nothing is lost: it goes on when ${who}. See \`wonderland ps\` and \`wonderland order show ${detail.id}\`.`,
      details: { orderId: detail.id, status: detail.status, waitsFor: awaited },
    },
  );
}
