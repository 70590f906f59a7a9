/** Replies as the wire would carry them, checked by their contracts once. */
import type { BodyOf, Contract } from '../../src/contracts/message.ts';
import * as participant from '../../src/messaging/participant.ts';

const checked = new Map<string, participant.Reply>();

/** @throws ZodError when the body does not fit its contract. */
export function reply<C extends Contract>(contract: C, body: BodyOf<C>): participant.Reply {
  const key = `${contract.name} ${JSON.stringify(body)}`;
  const known = checked.get(key) ?? participant.reply(contract, body);
  checked.set(key, known);
  return known;
}
