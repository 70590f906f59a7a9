/** A small saga with every feature, and words for what happens to it. */
import { z } from 'zod';

import { defineMessage, type Contract } from '../../src/contracts/message.ts';
import { decide, start } from '../../src/saga/decide.ts';
import { compensation, defineSaga, refusal, step } from '../../src/saga/definition.ts';
import type { Decision, Direction, SagaEvent, SagaState } from '../../src/saga/state.ts';

const message = (
  name: string,
  kind: 'command' | 'reply' = 'reply',
): Contract<string, { reason?: string | undefined }> =>
  defineMessage<string, { reason?: string | undefined }>({
    name,
    kind,
    version: 1,
    owner: 'shared',
    about: 'test',
    body: z.object({ reason: z.string().optional() }),
  });

type Body = Contract<string, { reason?: string | undefined }>;

const back = (to: string, id: string, status: string) =>
  compensation<string[], Body, Body>(status, {
    command: message(`${to}.${id}`, 'command'),
    body: () => ({}),
    reply: message(`${id}-done`),
    event: `${id}-done`,
  });

const ask = (id: string, to: string, undo?: string) =>
  step<string[], Body, Body>(id, {
    to,
    command: message(`${to}.${id}`, 'command'),
    body: () => ({}),
    reply: message(`${id}-done`),
    event: `${id}-done`,
    learn: (data) => [...data, id],
    refused: refusal(message(`${id}-refused`), `${id}-refused`, ({ reason }) => reason ?? 'none'),
    ...(undo !== undefined && { undo: back(to, undo, `undoing-${id}`) }),
  });

export const BUDGET_MS = 30_000;
export const REST_MS = 5_000;

export const saga = defineSaga<string[]>({
  name: 'test',
  version: 1,
  budgetMs: BUDGET_MS,
  stages: [
    { id: 'one', status: 'one', steps: [ask('hold', 'shelf', 'drop')], isPivot: false },
    {
      id: 'two',
      status: 'two',
      steps: [{ ...ask('pay', 'bank', 'void'), reverse: back('bank', 'repay', 'repaying') }],
      isPivot: true,
    },
    {
      id: 'three',
      status: 'three',
      steps: [ask('take', 'shelf'), ask('note', 'book', 'strike')],
      isPivot: false,
    },
  ],
  endings: {
    success: [
      { status: 'good', event: 'good', notify: ask('tell-good', 'mail') },
      { status: 'sent', event: 'sent', notify: ask('tell-sent', 'mail'), afterMs: () => REST_MS },
    ],
    failure: [{ status: 'bad', event: 'bad', notify: ask('tell-bad', 'mail') }],
    cancelled: [{ status: 'off', event: 'off', notify: ask('tell-off', 'mail') }],
  },
});

export type State = SagaState<string[]>;

export const replied = (
  stepId: string,
  type = `${stepId}-done`,
  direction: Direction = 'do',
): SagaEvent => ({
  kind: 'replied',
  step: stepId,
  direction,
  type,
  body: { reason: 'because' },
});

export const told = (stepId: string): SagaEvent => replied(stepId, `${stepId}-done`, 'tell');

export const timer = ({ attempt = 1, ageMs = 1_000 } = {}): SagaEvent => ({
  kind: 'timer',
  attempt,
  ageMs,
});

/** Everything that is needed for the first milestone. */
export const GOOD = [replied('hold'), replied('pay'), replied('take'), replied('note')];

/** Feeds events one after another; answers the last decision and every fact on the way. */
export function run(...events: readonly SagaEvent[]): {
  last: Decision<string[]>;
  facts: string[];
} {
  let last = start(saga, []);
  const facts = last.facts.map((each) => each.event);
  for (const event of events) {
    last = decide(saga, last.state, event);
    facts.push(...last.facts.map((each) => each.event));
  }
  return { last, facts };
}

export const commands = (decision: Decision<string[]>): string[] =>
  decision.commands.map((each) => each.exchange.command.name);
