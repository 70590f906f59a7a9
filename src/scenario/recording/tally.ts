/** Counts what became of the messages of a run, from what the parts wrote down. Pure. */
import type { LostMessage, MessageTally } from '../judge/observations.ts';
import { handlersOf } from '../language/places.ts';
import type { PassageLine } from './lines.ts';

type LineOf<What extends PassageLine['what']> = Extract<PassageLine, { readonly what: What }>;

/** All that one pass over the lines brings together. */
interface Facts {
  /** Parts that wrote anything down. */
  readonly services: Set<string>;
  /** Ids of messages that were acked or dead-lettered somewhere. */
  readonly ended: Set<string>;
  readonly unroutable: Set<string>;
  /** By message id: confirmed, and to be kept by the broker. */
  readonly kept: Map<string, LineOf<'sent'>>;
  /** By message id: until when a fault may hold it back. */
  readonly held: Map<string, number>;
  /** Messages whose id was torn out, or that of what they caused: whatever died of them has no name. */
  readonly nameless: Set<string>;
  /** By what was handled: what was sent meanwhile. */
  readonly caused: Map<string, string[]>;
}

/**
 * Deliveries and dead letters count each time, unroutable and lost messages once. A message counts as lost while it
 * is on its way, so that only what is settled is judged. Left out is what cannot be judged: messages of parts that
 * wrote nothing down in the whole run, and messages that a fault took the id of.
 */
export function tally(lines: readonly PassageLine[]): MessageTally {
  const facts = newFacts();
  const count = { redelivered: 0, deadLettered: 0, duplicatesIgnored: 0 };
  for (const line of lines) {
    facts.services.add(line.service);
    if (line.what === 'duplicate') count.duplicatesIgnored++;
    if (line.what === 'dead-lettered') {
      count.deadLettered++;
      facts.ended.add(line.messageId);
    }
    if (line.what === 'point') {
      if (line.point === 'deliver' && line.redelivered === true) count.redelivered++;
      if (line.point === 'ack') facts.ended.add(line.messageId);
    }
    if (line.what === 'sent') noteSent(facts, line);
    if (line.what === 'fault') noteFault(facts, line);
  }
  return {
    recorded: lines.length,
    ...count,
    unroutable: facts.unroutable.size,
    lost: lostOf(facts),
  };
}

function newFacts(): Facts {
  return {
    services: new Set(),
    ended: new Set(),
    unroutable: new Set(),
    kept: new Map(),
    held: new Map(),
    nameless: new Set(),
    caused: new Map(),
  };
}

function noteSent(facts: Facts, line: LineOf<'sent'>): void {
  const { outcome, durable, messageId, sentId } = line;
  const caused = facts.caused.get(messageId);
  if (caused === undefined) facts.caused.set(messageId, [sentId]);
  else caused.push(sentId);
  if (outcome === 'unroutable') facts.unroutable.add(sentId);
  if (outcome === 'confirmed' && durable && !facts.kept.has(sentId)) facts.kept.set(sentId, line);
}

function noteFault({ held, nameless }: Facts, line: LineOf<'fault'>): void {
  const { action, messageId, atMs } = line;
  if (action.verb === 'corrupt' && action.what === 'properties') nameless.add(messageId);
  const holdMs = longestHold(action);
  if (holdMs > 0) held.set(messageId, Math.max(held.get(messageId) ?? 0, atMs + holdMs));
}

function longestHold(action: LineOf<'fault'>['action']): number {
  if (action.verb === 'delay') return action.maxMs;
  if (action.verb === 'reorder') return action.withinMs;
  return action.verb === 'hold' ? action.limitMs : 0;
}

function lostOf({ services, ended, kept, held, nameless, caused }: Facts): LostMessage[] {
  const unnamed = new Set([...nameless].flatMap((id) => [id, ...(caused.get(id) ?? [])]));
  return [...kept.values()]
    .filter(({ sentId }) => !ended.has(sentId) && !unnamed.has(sentId))
    .filter(({ sent }) => handlersOf(sent).some((service) => services.has(service)))
    .map(({ sent: message, sentId: messageId, order }) => {
      const heldUntilMs = held.get(messageId);
      return {
        message,
        messageId,
        ...(order !== undefined && { order }),
        ...(heldUntilMs !== undefined && { heldUntilMs }),
      };
    });
}
