/** What playing a scenario would do on this machine: which stack, which parts, and how each fault is undone. */
import { formatDuration } from '../../kernel/durations.ts';
import { unreachable } from '../../kernel/errors.ts';
import type { Place } from '../../scenario/language/places.ts';
import type { PlannedFault, StackAction } from '../../scenario/plan/faults.ts';
import { isDisruptive, plannedFaults, plannedOrders, type Plan } from '../../scenario/plan.ts';
import { describeFault, plural } from '../../scenario/report/wording.ts';
import { serviceOf } from '../../stack/instances.ts';
import { readStatus, requireRunningStack } from '../../stack/read-status.ts';
import type { StackStatus } from '../../stack/stack-status.ts';
import type { CommandContext } from '../context.ts';
import type { LoadedScenario } from './load.ts';
import type { ScenarioShowOptions, Sections } from './show.ts';

export interface FaultFacts {
  readonly fault: string;
  /** Processes that it concerns, or that would be taken away; of a stack that is not there yet, services. */
  readonly parts: readonly string[];
  readonly how: string;
  readonly undone: string;
  /** Why it cannot be carried out there. */
  readonly problem?: string;
}

export interface DryFacts {
  readonly stack: 'running' | 'ephemeral';
  readonly name: string | null;
  readonly engine: string;
  readonly why: string;
  readonly world: readonly string[];
  readonly faults: readonly FaultFacts[];
}

export interface Dry {
  readonly facts: DryFacts;
  readonly sections: Sections;
}

/** Where it would be played. */
interface Where extends Pick<DryFacts, 'stack' | 'name' | 'engine' | 'why'> {
  /** Of the running stack. */
  readonly parts: readonly string[];
}

/** Only looks. @throws UserError `stack-not-running` for a named stack that is not up. */
export async function describeDry(
  loaded: readonly LoadedScenario[],
  options: ScenarioShowOptions,
  context: CommandContext,
): Promise<Dry> {
  const [first] = loaded;
  if (first === undefined) throw new TypeError('there is no run to describe');
  const { plan } = first;
  const where = await findWhere(plan, options, context);
  const { stateDir } = await context.settings();
  const { parts: _, ...place } = where;
  const facts: DryFacts = {
    ...place,
    world: worldOf(plan),
    faults: faultsOf(loaded).map((fault) => factsOf(fault, where)),
  };
  const sections: Sections = [
    ['Where', [where.why, ...together(plan, where)]],
    ['Made for it', facts.world],
    [
      facts.faults.length === 0
        ? 'Nothing goes wrong in it'
        : 'What goes wrong, and how it is undone',
      facts.faults.flatMap(linesOf),
    ],
    ['Afterwards', afterwards(where, stateDir)],
  ];
  return { facts, sections: sections.filter(([, lines]) => lines.length > 0) };
}

async function findWhere(
  plan: Plan,
  { isolated, engine }: ScenarioShowOptions,
  context: CommandContext,
): Promise<Where> {
  const settings = await context.settings();
  const own = (reason: string): Where => ({
    stack: 'ephemeral',
    name: null,
    engine: engine ?? 'embedded',
    why: `A stack of its own (${engine ?? 'embedded'}) in a temporary directory, because ${reason}.`,
    parts: [],
  });
  if (isolated || engine !== undefined) return own('that was asked for');
  if (context.globals.stack !== undefined) requireRunningStack(settings);
  const status = await readStatus({ stateDir: settings.stateDir, name: settings.stack });
  if (status.state !== 'running' && status.state !== 'starting') {
    return own(`the stack "${settings.stack}" is not running`);
  }
  const mediators = instancesOf(status, 'mediator').length;
  if (mediators < plan.mediators) {
    return own(`it needs ${plan.mediators} mediators, and the running stack has ${mediators}`);
  }
  const parts = status.parts.map(({ name }) => name);
  return {
    stack: 'running',
    name: status.name,
    engine: status.engine,
    why: `The running stack "${status.name}" (${status.engine}, ${plural(parts.length, 'part')}).`,
    parts,
  };
}

function instancesOf({ parts }: Pick<StackStatus, 'parts'>, service: string): string[] {
  return parts.map(({ name }) => name).filter((name) => serviceOf(name) === service);
}

function together(plan: Plan, { stack }: Where): string[] {
  if (!isDisruptive(plan)) return ['Faults hit its own messages only: others on the stack go on.'];
  return [
    stack === 'running'
      ? 'It takes parts away: other orders on this stack wait while they are gone, and none is lost. --isolated spares them.'
      : 'It takes parts away: no other scenario of the command is played meanwhile.',
  ];
}

function worldOf(plan: Plan): string[] {
  const orders = plannedOrders(plan).length;
  return [
    `${plural(plan.books.length, 'book')} and ${plural(plan.customers.length, 'customer')} of its own; nobody else's are touched.`,
    `${plural(orders, 'order')} through the mediator, over HTTP.`,
  ];
}

/** Of all runs, each once as it reads. */
function faultsOf(loaded: readonly LoadedScenario[]): PlannedFault[] {
  const all = loaded.flatMap(({ plan }) => plannedFaults(plan));
  return [...new Map(all.map((fault) => [describeFault(fault), fault])).values()];
}

function factsOf(fault: PlannedFault, where: Where): FaultFacts {
  const { does, place } = fault;
  const named = describeFault(fault);
  if (does.kind === 'message') {
    const service = place.kind === 'point' ? place.target.service : '*';
    const parts = processesOf(service, where);
    return {
      fault: named,
      parts,
      how: `armed in ${parts.join(', ')}; hits only messages of this run`,
      undone:
        'disarmed when the run ends, however it ends; 15 s later by itself if this command is killed',
    };
  }
  const parts = processesOf(does.part, where);
  const problem = problemOf(does, where);
  return {
    fault: named,
    parts: place.kind === 'point' ? parts : parts.slice(0, 1),
    how: `${momentOf(place)} ${doingOf(does)}`,
    undone: undoingOf(does),
    ...(problem !== undefined && { problem }),
  };
}

/** Processes of the running stack, by the name of their service. */
function processesOf(service: string, { stack, parts }: Where): string[] {
  if (stack === 'ephemeral') return [service === '*' ? 'every part' : service];
  const name = service === 'database' ? 'postgres' : service;
  const servers = ['broker', 'postgres'];
  return service === '*'
    ? parts.filter((part) => !servers.includes(part))
    : parts.filter((part) => serviceOf(part) === name);
}

function problemOf({ part, verb }: StackAction, where: Where): string | undefined {
  if (where.stack === 'ephemeral' || processesOf(part, where).length > 0) return undefined;
  return `the running stack has no ${part} of its own, so it cannot ${verb} it: use --isolated`;
}

function momentOf(place: Place | { readonly kind: 'now' }): string {
  switch (place.kind) {
    case 'point':
      return 'the message waits at its point (10 s at most) while';
    case 'event':
      return 'at that event of the run,';
    case 'time':
      return `${formatDuration(place.afterMs)} after the first step,`;
    case 'now':
      return 'at its step,';
    default:
      return unreachable(place, 'a place');
  }
}

const DOINGS: Readonly<Record<StackAction['verb'], string>> = {
  crash: 'its supervisor kills the process (SIGKILL)',
  hang: 'its supervisor freezes the process (SIGSTOP)',
  restart: 'its supervisor ends the process in good order (SIGTERM)',
  partition: 'the part cuts itself off from the broker',
  skew: 'the part lets its clock be wrong',
};

function doingOf({ verb }: StackAction): string {
  return DOINGS[verb];
}

function undoingOf({ verb, forMs }: StackAction): string {
  const who = verb === 'partition' || verb === 'skew' ? 'the part itself' : 'the supervisor';
  const when = forMs === undefined ? 'at once' : `after ${formatDuration(forMs)}`;
  return `${who} undoes it ${when}, even if this command is killed; at the latest when the run ends`;
}

function linesOf({ fault, how, undone, problem }: FaultFacts): string[] {
  return [
    fault,
    `  how     ${how}`,
    `  undone  ${undone}`,
    ...(problem === undefined ? [] : [`  ! ${problem}`]),
  ];
}

function afterwards({ stack }: Where, stateDir: string): string[] {
  return [
    stack === 'running'
      ? 'The stack stays up; the books, customers and orders of the run stay in its databases.'
      : 'The stack and all its data are removed.',
    `The run is recorded below ${stateDir}/runs.`,
    'Should anything be left because the command was killed: wonderland scenario heal',
  ];
}
