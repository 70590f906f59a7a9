/** What a fault says must make sense together: its place, its verb, and how often. */
import { pointsFor } from '../../contracts/faults.ts';
import { MESSAGE_VERBS, stackVerbOf, type Fault } from './faults.ts';
import { unknown } from './names.ts';
import { canDecline, placeOf } from './places.ts';
import type { Problem, Source, SourcePath } from './source.ts';

interface FaultAt {
  readonly fault: Fault;
  /** Names of all orders of the scenario. */
  readonly orders: readonly string[];
  /** It is a step: without a place it happens at once. */
  readonly isStep: boolean;
}

type Rule = (at: FaultAt) => readonly [problem: string, key?: string] | undefined;

/** Everything that is wrong with one fault beyond the form of its values. */
export function checkFault(source: Source, path: SourcePath, at: FaultAt): Problem[] {
  return RULES.flatMap((rule) => {
    const [problem, key] = rule(at) ?? [];
    return problem === undefined ? [] : [source.problem(path, problem, key)];
  });
}

const RULES: readonly Rule[] = [
  needsPlace,
  canActThere,
  canBeDeclined,
  saysHowOften,
  fitsTheVerb,
  matchesAnOrder,
];

function needsPlace({ fault, isStep }: FaultAt): ReturnType<Rule> {
  const isPart = stackVerbOf(fault) !== undefined;
  if (fault.at === undefined) {
    if (isStep && isPart) return undefined;
    return [
      isPart
        ? '"at" is missing: a place such as payment.charge@handle, order.confirmed#3 or t+5s'
        : '"at" is missing: a place such as payment.charge@handle',
    ];
  }
  const place = placeOf(fault.at);
  if (isPart || place === undefined || place.kind === 'point') return undefined;
  return [
    `${verbOf(fault)} happens to a message: "at" must be a place such as payment.charge@handle`,
    'at',
  ];
}

function canActThere({ fault }: FaultAt): ReturnType<Rule> {
  const place = fault.at === undefined ? undefined : placeOf(fault.at);
  const verb = MESSAGE_VERBS.find((each) => fault[each] !== undefined);
  if (verb === undefined || place?.kind !== 'point') return undefined;
  const points = pointsFor(verb, place.target.message);
  if (points.includes(place.target.point)) return undefined;
  return [`${verb} cannot act at "${place.target.point}", only at ${points.join(', ')}`, 'at'];
}

function canBeDeclined({ fault }: FaultAt): ReturnType<Rule> {
  const place = fault.at === undefined ? undefined : placeOf(fault.at);
  if (fault.decline === undefined || place?.kind !== 'point' || canDecline(place.target))
    return undefined;
  return [`nobody can decline ${fault.at}: only inventory.reserve and payment.charge`, 'decline'];
}

function saysHowOften({ fault }: FaultAt): ReturnType<Rule> {
  const { at, nth, times, rate } = fault;
  const place = at === undefined ? undefined : placeOf(at);
  const isPoint = place?.kind === 'point';
  if (
    !isPoint &&
    (nth !== 1 || times !== undefined || rate !== undefined || fault.match !== undefined)
  ) {
    return ['nth, times, rate and match go with a place such as payment.charge@handle'];
  }
  const isEach = rate !== undefined || times === 'all';
  if (at?.includes('*') === true && (!isEach || nth !== 1)) {
    return ['a fault at many messages needs "times: all" or a rate, and no "nth"'];
  }
  return undefined;
}

function fitsTheVerb({ fault }: FaultAt): ReturnType<Rule> {
  const stack = stackVerbOf(fault);
  if (fault.for !== undefined && stack === undefined)
    return ['"for" goes with a part that is taken away', 'for'];
  if (fault.by !== undefined && stack?.verb !== 'skew') return ['"by" goes with skew', 'by'];
  if (fault.by === undefined && stack?.verb === 'skew')
    return ['"by" is missing: how wrong the clock is, such as +10m'];
  return undefined;
}

function matchesAnOrder({ fault, orders }: FaultAt): ReturnType<Rule> {
  const order = fault.match?.order;
  if (order === undefined || orders.includes(order)) return undefined;
  return [unknown('order', order, orders), 'match'];
}

function verbOf(fault: Fault): string {
  return MESSAGE_VERBS.find((each) => fault[each] !== undefined) ?? 'this';
}
