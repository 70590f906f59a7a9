/** What a published message shape is: a name, a version, an owner and a schema that both sides check. */
import type { z } from 'zod';

/** Who answers for a message: it alone may add a version. A published version is never edited. */
export type Owner =
  | 'mediator'
  | 'inventory'
  | 'payment'
  | 'customer'
  | 'notification'
  | 'logging'
  | 'shared';

/**
 * `command` asks for an effect and is answered once per message id; `query` asks without an effect;
 * `reply` answers either; `event` tells what happened, to whoever listens.
 */
export type MessageKind = 'command' | 'query' | 'reply' | 'event';

export interface Contract<Name extends string = string, Body = unknown> {
  readonly name: Name;
  readonly version: number;
  readonly kind: MessageKind;
  readonly owner: Owner;
  /** One sentence for docs/messages.md. */
  readonly about: string;
  readonly body: z.ZodType<Body>;
}

/** Declares a contract; the body's type follows from the schema. */
export function defineMessage<const Name extends string, Body>(
  contract: Contract<Name, Body>,
): Contract<Name, Body> {
  return Object.freeze(contract);
}

export type BodyOf<C> = C extends Contract<string, infer Body> ? Body : never;
