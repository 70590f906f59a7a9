/** Is a delivered message one that somebody published a contract for, and does its body keep it? */
import { CONTRACTS, findContract } from '../contracts/registry.ts';
import type { Delivery, IncomingMessage } from './bus.ts';
import type { Death } from './dead-letter.ts';
import { issueText } from './wire.ts';

export type Accepted =
  | { readonly ok: true; readonly message: IncomingMessage }
  /** Poison: no attempt of anybody can succeed. `message` is its envelope, where that is readable. */
  | { readonly ok: false; readonly death: Death; readonly message: IncomingMessage | undefined };

export function accept({ content }: Pick<Delivery, 'content'>): Accepted {
  if (!content.ok) return { ok: false, death: content, message: undefined };
  const { message } = content;
  const death = flawOf(message);
  return death === undefined ? { ok: true, message } : { ok: false, death, message };
}

function flawOf({ type, version, body }: IncomingMessage): Death | undefined {
  const contract = findContract(type, version);
  if (contract === undefined) return unknownContract(type, version);
  const parsed = contract.body.safeParse(body);
  if (parsed.success) return undefined;
  const [issue] = parsed.error.issues;
  const detail = `${type}: ${issue === undefined ? 'not understood' : issueText(issue)}`;
  return { reason: 'invalid-body', detail };
}

function unknownContract(type: string, version: number): Death {
  const isKnown = CONTRACTS.some((each) => each.name === type);
  return isKnown
    ? { reason: 'unknown-version', detail: `${type} has no version ${version} here` }
    : { reason: 'unknown-type', detail: `nobody published ${type}` };
}
