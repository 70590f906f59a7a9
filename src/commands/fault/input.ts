/** From the flags of `fault set` to what is to be done, with every mistake told. */
import {
  EVERY_RUN,
  MAX_FAULT_MS,
  type Fault as ArmedFault,
  type FaultAction,
} from '../../contracts/faults.ts';
import { UserError } from '../../kernel/errors.ts';
import { suggest } from '../../kernel/suggestion.ts';
import { checkFault } from '../../scenario/language/fault-references.ts';
import { Fault, MESSAGE_VERBS, PARTS } from '../../scenario/language/faults.ts';
import { explainPlace, placeOf, type Target } from '../../scenario/language/places.ts';
import { Source } from '../../scenario/language/source.ts';
import { Shift } from '../../scenario/language/values.ts';
import { plannedFault } from '../../scenario/plan/faults.ts';

/** As commander reads them. */
export interface FaultSetFlags {
  readonly decline?: string;
  readonly error?: string;
  readonly delay?: string;
  readonly drop?: boolean;
  readonly duplicate?: number;
  readonly reorder?: string;
  readonly corrupt?: string;
  readonly crash?: boolean;
  readonly nth?: number;
  readonly times?: string;
  readonly rate?: string;
  readonly partition?: string;
  readonly skew?: string;
  readonly by?: string;
  /** Milliseconds. */
  readonly for?: number;
}

export interface FaultSetOptions extends FaultSetFlags {
  readonly place: string | undefined;
}

/** What is to be done; times in milliseconds. */
export type Wish =
  | { readonly does: 'arm'; readonly fault: ArmedFault; readonly leaseMs: number }
  | { readonly does: 'partition'; readonly service: string; readonly forMs: number }
  | {
      readonly does: 'skew';
      readonly service: string;
      readonly byMs: number;
      readonly forMs: number;
    };

/** Long enough to try something out, short enough not to be found next week. */
const DEFAULT_LEASE_MS = 600_000;
const MAX_LEASE_MS = 3_600_000;
const DEFAULT_CUT_MS = 10_000;
const DEFAULT_SKEW_MS = 60_000;

const MESSAGE_FLAGS = [...MESSAGE_VERBS, 'crash'] as const;
const PART_FLAGS = ['partition', 'skew'] as const;

/** @param id of the fault, should it be one at a place. @throws UserError `usage` */
export function wishOf(options: FaultSetOptions, id: string): Wish {
  const verbs = [...MESSAGE_FLAGS, ...PART_FLAGS].filter((flag) => options[flag] !== undefined);
  const [verb] = verbs;
  if (verb === undefined || verbs.length > 1) {
    const all = [...MESSAGE_FLAGS, ...PART_FLAGS].map((flag) => `--${flag}`).join(', ');
    const problem =
      verb === undefined ? 'Nothing is said to happen' : `${flagsOf(verbs)} are given together`;
    throw usage(`${problem}: write exactly one of ${all}`);
  }
  if (verb === 'partition') return partitionOf(options, options.partition ?? '');
  if (verb === 'skew') return skewOf(options, options.skew ?? '');
  return { does: 'arm', fault: faultOf(options, id), leaseMs: leaseOf(options) };
}

function partitionOf(options: FaultSetOptions, part: string): Wish {
  refuse(options, ['place', 'nth', 'times', 'rate', 'by'], '--partition');
  const forMs = shortTime(options.for ?? DEFAULT_CUT_MS);
  return { does: 'partition', service: knownPart('--partition', part), forMs };
}

function skewOf(options: FaultSetOptions, part: string): Wish {
  refuse(options, ['place', 'nth', 'times', 'rate'], '--skew');
  const service = knownPart('--skew', part);
  if (options.by === undefined)
    throw usage('--skew needs --by: how wrong the clock is, such as +10m');
  const by = Shift.safeParse(options.by);
  if (!by.success) throw usage(`--by: ${by.error.issues[0]?.message ?? 'unknown'}`);
  const forMs = shortTime(options.for ?? DEFAULT_SKEW_MS);
  return { does: 'skew', service, byMs: by.data, forMs };
}

function knownPart(flag: string, part: string): string {
  if (PARTS.some((each) => each === part)) return part;
  throw usage(`${flag} knows no part "${part}"`, suggest(part, PARTS));
}

function shortTime(ms: number): number {
  if (ms >= 1 && ms <= MAX_FAULT_MS) return ms;
  throw usage(`--for takes 1ms to ${MAX_FAULT_MS / 60_000}m here`);
}

function leaseOf({ for: forMs = DEFAULT_LEASE_MS }: FaultSetOptions): number {
  if (forMs >= 1 && forMs <= MAX_LEASE_MS) return Math.round(forMs);
  throw usage('--for takes 1ms to 1h: a fault that was forgotten must end');
}

/** Judged by the language of scenarios, so that both know the same faults. */
function faultOf(options: FaultSetOptions, id: string): ArmedFault {
  const target = targetOf(options);
  refuse(options, ['by'], 'a place');
  const { nth = 1, rate, crash } = options;
  const times = timesOf(options);
  const written = {
    at: options.place,
    ...Object.fromEntries(MESSAGE_VERBS.map((verb) => [verb, options[verb]])),
    // By hand it is the part itself that dies; the language names one.
    ...(crash === true && { crash: 'mediator' }),
    nth,
    times,
    ...(rate !== undefined && { rate }),
  };
  const parsed = Fault.safeParse(written);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const flag = issue?.path[0];
    const where = flag === undefined ? '' : `--${String(flag)}: `;
    throw usage(`${where}${issue?.message ?? 'this is no fault'}`);
  }
  const [problem] = checkFault(new Source('', '{}'), [], {
    fault: parsed.data,
    orders: [],
    isStep: false,
  });
  if (problem !== undefined) throw usage(asFlags(problem.message));
  const planned = plannedFault(parsed.data, id);
  const action: FaultAction =
    planned.does.kind === 'message' ? planned.does.action : { verb: 'crash' };
  return {
    id,
    run: EVERY_RUN,
    ...target,
    action,
    nth,
    ...(times !== 'all' && { times }),
    ...(planned.rate !== undefined && { rate: planned.rate }),
  };
}

function targetOf({ place, crash }: FaultSetOptions): Target {
  if (place === undefined) {
    throw usage(
      'A place is missing',
      'Write for example: wonderland fault set payment.charge@handle --decline lost_card',
    );
  }
  const found = placeOf(place);
  if (PARTS.some((each) => each === place)) throw partForPlace(place, crash === true);
  if (found === undefined) throw usage(capital(explainPlace(place)));
  if (found.kind === 'point') return found.target;
  throw usage(
    `${place} is no place of a message`,
    'Write a place such as payment.charge@handle; times and events are for scenario files.',
  );
}

/** Who names a part wants it to fail now, or at each of its messages. */
function partForPlace(part: string, isCrash: boolean): UserError {
  const now = isCrash ? `To kill it now: \`wonderland kill ${part}\`. ` : '';
  return usage(
    `${part} is a part, and no place of a message`,
    `${now}A place of every message it handles: ${part}.*@handle.`,
  );
}

/** A part that dies at each message would never come to an end; everything else goes on until it is cleared. */
function timesOf({ times, crash }: FaultSetOptions): number | 'all' {
  if (times === undefined) return crash === true ? 1 : 'all';
  if (times === 'all') return 'all';
  const count = Number(times);
  if (Number.isInteger(count) && count >= 1 && count <= 1_000_000) return count;
  throw usage(`--times takes a whole number from 1, or all, not "${times}"`);
}

function refuse(
  options: FaultSetOptions,
  names: ReadonlyArray<keyof FaultSetOptions>,
  what: string,
): void {
  const given = names.filter((name) => options[name] !== undefined);
  const [first] = given;
  if (first === undefined) return;
  throw usage(`${first === 'place' ? 'A place' : `--${first}`} does not go with ${what}`);
}

/** What the language says of its keys, said of flags. */
function asFlags(message: string): string {
  return capital(
    message.replaceAll(/"times: all"/g, '--times all').replaceAll(/"(nth|rate)"/g, '--$1'),
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function flagsOf(verbs: readonly string[]): string {
  return verbs.map((each) => `--${each}`).join(' and ');
}

function usage(message: string, hint?: string): UserError {
  return new UserError('usage', message, {
    hint: hint ?? 'See `wonderland fault set --help`.',
  });
}
