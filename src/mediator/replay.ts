/** Decides a saga's log once more: the same causes must lead to the same facts, states and commands. Pure. */
import { decide, start } from '../saga/decide.ts';
import type { SagaDefinition } from '../saga/definition.ts';
import type { Decision, SagaState } from '../saga/state.ts';
import type { OrderData } from './order-data.ts';
import type { Cause, LogEntry, SagaRow } from './saga-row.ts';
import { stateOf } from './saga-row.ts';
import { sagaOf, type DefinitionReference } from './sagas.ts';

/** What of a log row was decided; when and by which message does not matter. */
export type ReplayableEntry = Pick<LogEntry, 'seq' | 'kind' | 'payload'>;

/** The first place where the log and a new decision part. */
export interface Difference {
  /** Of the log row; one more than the last when the log is too short. */
  readonly seq: number;
  readonly what: 'definition' | 'gap' | 'cause' | 'decision' | 'fact' | 'status' | 'issued' | 'row';
  readonly logged: unknown;
  readonly decided: unknown;
}

/** The state after the last transition, or the first difference. */
export type Replay =
  | { readonly state: SagaState<OrderData>; readonly difference?: undefined }
  | { readonly difference: Difference };

type State = SagaState<OrderData>;

/** Log rows of one saga, in order of `seq`. A mediator logs whole transitions, so a half one is a difference. */
export function replay(
  log: readonly ReplayableEntry[],
  reference: DefinitionReference,
  known: (reference: DefinitionReference) => SagaDefinition<OrderData> | undefined = sagaOf,
): Replay {
  const saga = known(reference);
  if (saga === undefined) return differs(1, 'definition', reference, 'not known here');
  const gap = log.findIndex(({ seq }, index) => seq !== index + 1);
  if (gap !== -1) return differs(gap + 1, 'gap', log[gap]?.seq, gap + 1);
  let state: State | undefined;
  for (let index = 0; index < log.length;) {
    const step = decideAgain(saga, state, log[index]);
    if ('difference' in step) return step;
    const rows = log.slice(index, index + step.decision.facts.length);
    const difference = differenceOf(rows, step.decision, index + 1);
    if (difference !== undefined) return { difference };
    state = step.decision.state;
    index += rows.length;
  }
  return state === undefined ? differs(1, 'gap', 'no rows', 'accepted') : { state };
}

/** As `replay`, and the saga's row must be what its log leads to. Undefined: no difference. */
export function replayDifference(
  log: readonly ReplayableEntry[],
  row: DefinitionReference & Pick<SagaRow, 'progress' | 'status' | 'pending' | 'data' | 'log_seq'>,
): Difference | undefined {
  const replayed = replay(log, row);
  if (replayed.difference !== undefined) return replayed.difference;
  const seq = log.length + 1;
  if (row.log_seq !== log.length) return differs(seq, 'gap', log.length, row.log_seq).difference;
  const [stored, decided] = [stateOf(row), replayed.state].map(plain);
  return isEqual(stored, decided) ? undefined : differs(seq, 'row', stored, decided).difference;
}

type Again = { readonly decision: Decision<OrderData> } | { readonly difference: Difference };

function decideAgain(
  saga: SagaDefinition<OrderData>,
  state: State | undefined,
  entry: ReplayableEntry | undefined,
): Again {
  const { seq = 0, payload } = entry ?? {};
  const cause = payload?.cause;
  const isFirst = cause?.kind === 'started';
  if (cause === undefined || isFirst !== (state === undefined)) {
    return differs(seq, 'cause', cause, state === undefined ? 'started' : 'an event');
  }
  try {
    const decision = again(saga, state, cause);
    if (decision.facts.length > 0) return { decision };
    return differs(seq, 'decision', entry?.kind, 'nothing follows from this cause');
  } catch (error) {
    return differs(seq, 'decision', cause, String(error));
  }
}

function again(
  saga: SagaDefinition<OrderData>,
  state: State | undefined,
  cause: Cause,
): Decision<OrderData> {
  if (cause.kind === 'started') return start(saga, cause.data);
  if (state === undefined) throw new Error('an event before the start');
  return decide(saga, state, cause);
}

function differenceOf(
  rows: readonly ReplayableEntry[],
  { state, facts, commands }: Decision<OrderData>,
  firstSeq: number,
): Difference | undefined {
  const names = commands.map((each) => each.exchange.command.name);
  for (const [index, fact] of facts.entries()) {
    const seq = firstSeq + index;
    const row = rows[index];
    const { status, reason, issued } = row?.payload ?? {};
    const logged = [row?.kind, reason];
    const decided = [fact.event, fact.reason];
    if (!isEqual(logged, decided)) return differs(seq, 'fact', logged, decided).difference;
    if (index > 0 && row?.payload.cause !== undefined)
      return differs(seq, 'cause', row.payload.cause, 'the same transition').difference;
    if (status !== state.status) return differs(seq, 'status', status, state.status).difference;
    const due = index === facts.length - 1 ? names : [];
    if (!isEqual(issued, due)) return differs(seq, 'issued', issued, due).difference;
  }
  return undefined;
}

function differs(
  seq: number,
  what: Difference['what'],
  logged: unknown,
  decided: unknown,
): { readonly difference: Difference } {
  return { difference: { seq, what, logged, decided } };
}

function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(plain(a)) === JSON.stringify(plain(b));
}

/** As a database gives it back: without what is undefined, keys in one order. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => plain(each) ?? null);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  return Object.fromEntries(
    entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, plain(each)]),
  );
}
