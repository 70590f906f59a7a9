/** Values that completion offers: fixed ones from the contracts, live ones from the running shop. */
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import { workingDirectory } from '../../config/directories.ts';
import { CORRUPTIONS } from '../../contracts/faults.ts';
import { DEAD_LETTER_REASONS } from '../../contracts/dead-letters.ts';
import { ORDER_STATUSES, type OrderStatus, type OrderView } from '../../contracts/orders.ts';
import { PaymentKind } from '../../contracts/payment.ts';
import { TEST_CARDS } from '../../contracts/test-cards.ts';
import { LOG_LEVELS } from '../../kernel/logger.ts';
import { APP_PARTS } from '../../stack/instances.ts';
import { partNames } from '../../stack/part-plan.ts';
import { readStatus } from '../../stack/read-status.ts';
import type { CommandContext } from '../context.ts';
import { LOG_SERVICES } from '../logs/filter.ts';
import { openMediatorClient, type MediatorClient } from '../mediator-client.ts';
import { describeLines, describeStatus } from '../order/describe.ts';
import { endpointsOf } from '../stack-place.ts';

export interface Candidate {
  readonly value: string;
  readonly about?: string;
}

type Source = (context: CommandContext) => Promise<readonly Candidate[]> | readonly Candidate[];

const PARTS = partNames('embedded');
const SHELLS = ['bash', 'zsh', 'fish', 'powershell'];

/** By flag, or by command and argument. */
const SOURCES: Readonly<Record<string, Source>> = {
  '--book': (context) => live(context, books),
  '--customer': (context) => live(context, customers),
  '--order': (context) => live(context, orders),
  '--pay': () => plain(PaymentKind.options),
  '--card': () => TEST_CARDS.map(({ name, kind }) => ({ value: name, about: kind })),
  '--level': () => plain(LOG_LEVELS),
  '--status': () => plain(ORDER_STATUSES),
  '--reason': () => plain(DEAD_LETTER_REASONS),
  '--type': (context) => live(context, deadTypes),
  'dlq show <id>': (context) => live(context, deadLetters),
  'dlq retry <ids>': (context) => live(context, deadLetters),
  'dlq drop <ids>': (context) => live(context, deadLetters),
  '--stack': stacks,
  '--only': () => plain(PARTS),
  '--except': () => plain(PARTS),
  'order show <id>': (context) => live(context, orders),
  'order cancel <id>': (context) => live(context, cancellableOrders),
  'trace <order>': (context) => live(context, orders),
  'customers <id>': (context) => live(context, customers),
  'customers show <id>': (context) => live(context, customers),
  'logs <services>': () => plain(LOG_SERVICES),
  '--scale': () => plain(APP_PARTS.map((each) => `${each}=2`)),
  'restart <part>': ownParts,
  'kill <part>': ownParts,
  'pause <part>': ownParts,
  'resume <part>': ownParts,
  'wait <parts>': ownParts,
  'service <name>': () => plain(LOG_SERVICES.filter((each) => each !== 'mediator')),
  'completion <shell>': () => plain(SHELLS),
  'scenario run <scenarios>': scenarios,
  'scenario show <scenario>': scenarios,
  'scenario validate <scenarios>': scenarios,
  '--tag': tags,
  '--kind': kinds,
  '--report': reports,
  'fault set <place>': places,
  'fault clear <ids>': armedFaults,
  '--partition': () => plain(APP_PARTS),
  '--skew': () => plain(APP_PARTS),
  '--corrupt': () => plain(CORRUPTIONS),
  '--decline': () => plain(DECLINE_REASONS),
};

/** Candidates for a flag's value or an argument; none when nobody knows any. */
export async function candidatesOf(
  key: string,
  context: CommandContext,
): Promise<readonly Candidate[]> {
  return (await SOURCES[key]?.(context)) ?? [];
}

const plain = (values: readonly string[]): readonly Candidate[] =>
  values.map((value) => ({ value }));

const DECLINE_REASONS = ['insufficient_funds', 'lost_card', 'expired_card', 'out_of_stock'];

/** Those of the running stack, instances included; else all that there can be. */
async function ownParts(context: CommandContext): Promise<readonly Candidate[]> {
  const { stateDir, stack: name } = await context.settings();
  const { parts } = await readStatus({ stateDir, name });
  return plain(parts.length === 0 ? PARTS : parts.map((part) => part.name));
}

/** Somebody waits with a finger on Tab. */
const LIMIT_MS = 500;

async function live(
  context: CommandContext,
  ask: (client: MediatorClient) => Promise<readonly Candidate[]>,
): Promise<readonly Candidate[]> {
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(LIMIT_MS)]);
  try {
    const { mediatorUrl: url, moreMediatorUrls: moreUrls = [] } = endpointsOf(
      await context.settings(),
    );
    return await ask(openMediatorClient({ url, moreUrls, signal, clock: context.clock }));
  } catch {
    return [];
  }
}

async function books(client: MediatorClient): Promise<readonly Candidate[]> {
  const page = await client.books(undefined, 200);
  return page.books.map(({ id, title }) => ({ value: String(id), about: title }));
}

async function customers(client: MediatorClient): Promise<readonly Candidate[]> {
  const page = await client.customers(100);
  return page.customers.map(({ id, name }) => ({ value: id, about: name }));
}

async function orders(client: MediatorClient): Promise<readonly Candidate[]> {
  return candidatesOfOrders(await client.orders({ limit: 20 }));
}

const UNCANCELLABLE: readonly OrderStatus[] = ['shipped', 'rejected', 'cancelled'];

async function cancellableOrders(client: MediatorClient): Promise<readonly Candidate[]> {
  const list = await client.orders({ limit: 50 });
  return candidatesOfOrders(list.filter(({ status }) => !UNCANCELLABLE.includes(status)));
}

function candidatesOfOrders(list: readonly OrderView[]): readonly Candidate[] {
  return list.map((order) => ({
    value: order.id,
    about: `${describeStatus(order)}: ${describeLines(order.lines)}`,
  }));
}

async function deadLetters({ deadLetters: client }: MediatorClient): Promise<readonly Candidate[]> {
  const list = await client.list({ state: 'dead', limit: 50 });
  return list.deadLetters.map(({ id, reason, type }) => ({
    value: id,
    about: type === undefined ? reason : `${reason}: ${type}`,
  }));
}

async function deadTypes({ deadLetters: client }: MediatorClient): Promise<readonly Candidate[]> {
  const list = await client.list({ limit: 500 });
  return plain([...new Set(list.deadLetters.flatMap((each) => each.type ?? []))]);
}

async function stacks(context: CommandContext): Promise<readonly Candidate[]> {
  const { stateDir } = await context.settings();
  return plain(await readdir(path.join(stateDir, 'stacks')).catch(() => []));
}

async function scenarios(): Promise<readonly Candidate[]> {
  const { listScenarios } = await import('../../scenario/library.ts');
  return plain((await listScenarios(workingDirectory())).map(({ name }) => name));
}

async function tags(): Promise<readonly Candidate[]> {
  const { loadScenarios, tagsOf } = await import('../scenario/load.ts');
  const { scenarios: all } = await loadScenarios({ names: [] });
  return plain([...new Set(all.flatMap(({ entry, plan }) => tagsOf(entry, plan.tags)))].toSorted());
}

async function kinds(): Promise<readonly Candidate[]> {
  const { TEMPLATES } = await import('../scenario/templates.ts');
  return TEMPLATES.map(({ kind, title }) => ({ value: kind, about: title }));
}

async function reports(): Promise<readonly Candidate[]> {
  const { REPORT_KINDS } = await import('../../scenario/report/report-targets.ts');
  return plain(REPORT_KINDS.map((kind) => `${kind}=`));
}

async function places(): Promise<readonly Candidate[]> {
  const { PLACES } = await import('../../scenario/language/places.ts');
  return plain([...PLACES.keys()]);
}

/** Asking every part takes longer than anybody wants to wait when one is away. */
async function armedFaults(context: CommandContext): Promise<readonly Candidate[]> {
  const { armedIds } = await import('../fault/armed-ids.ts');
  return (await armedIds(context)).map(({ id, at }) => ({ value: id, about: at }));
}
