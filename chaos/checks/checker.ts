/** Judges what customers were told against what the databases say. Pure. */
import type { Placed } from '../load/customers.ts';
import { judgeCopies } from './copies.ts';
import type { Evidence, HistoryFact, SagaFact } from './evidence.ts';
import { byOrder, isFulfilled, isTerminal, strangers } from './facts.ts';
import { judgeMoney } from './money.ts';
import type { Violation } from './violation.ts';

/** An empty list is the proof. */
export function judge(placed: readonly Placed[], seen: Evidence): readonly Violation[] {
  return [
    ...placed.flatMap(judgeAnswer),
    ...judgeEndings(placed, seen),
    ...judgeMoney(seen),
    ...judgeCopies(seen),
    ...judgeHistory(seen),
    ...judgeTelling(seen),
    ...judgeLog(seen),
  ];
}

function judgeAnswer({ accepted, key, complaints }: Placed): Violation[] {
  const about = {
    check: 'answered',
    look: `mediator.saga where idempotency_key = '${key}'`,
  } as const;
  const orderId = accepted?.id;
  return complaints.map((problem) => ({
    ...about,
    ...(orderId !== undefined && { orderId }),
    problem,
  }));
}

function judgeEndings(placed: readonly Placed[], { sagas }: Evidence): Violation[] {
  const found: Violation[] = [];
  const report = (orderId: string, problem: string): void =>
    void found.push({ check: 'ends', orderId, problem, look: 'mediator.saga, mediator.saga_log' });
  const byKey = new Map(sagas.map((saga) => [saga.key, saga]));
  for (const order of placed) {
    if (order.accepted === undefined) continue;
    const problem = wordProblem(order, byKey.get(order.key));
    if (problem !== undefined) report(order.accepted.id, problem);
  }
  const keys = new Set(placed.map(({ key }) => key));
  for (const saga of sagas) {
    const { id, key, status, open } = saga;
    if (!keys.has(key)) report(id, `nobody ordered it (${status})`);
    if (!isTerminal(saga)) report(id, `has not ended: ${status}${open ? ', still open' : ''}`);
  }
  return found;
}

/** What the shop has said must be what it does. */
function wordProblem({ accepted, isTakenBack }: Placed, saga: SagaFact | undefined) {
  if (saga === undefined) return 'was accepted and is no saga';
  if (saga.id !== accepted?.id) return `is saga ${saga.id} in the database`;
  const promised = isTakenBack === true ? 'cancelled' : accepted.status;
  const isKept = !['rejected', 'cancelled'].includes(promised) || saga.status === promised;
  return isKept ? undefined : `the customer was told ${promised}, and it is ${saga.status}`;
}

function judgeHistory({ sagas, history }: Evidence): Violation[] {
  const records = byOrder(history);
  const look = 'customer.order_history';
  const wrong = sagas.filter(isTerminal).flatMap((saga): Violation[] => {
    const problem = historyProblem(saga, records.get(saga.id) ?? []);
    return problem === undefined ? [] : [{ check: 'history', orderId: saga.id, problem, look }];
  });
  return [...wrong, ...strangers(sagas, records.keys(), { check: 'history', look })];
}

function historyProblem(saga: SagaFact, records: readonly HistoryFact[]) {
  const standing = records.filter(({ isCancelled }) => !isCancelled);
  if (records.length > 1 || standing.length !== (isFulfilled(saga) ? 1 : 0))
    return `${saga.status}, and ${standing.length} of ${records.length} records of it stand`;
  const wrong = standing.find(({ totalCents }) => totalCents !== saga.totalCents);
  return wrong && `recorded with ${wrong.totalCents} instead of ${saga.totalCents}`;
}

function judgeTelling({ sagas, mails }: Evidence): Violation[] {
  const look = 'mail (notification)';
  const told = byOrder(mails);
  const untold = sagas
    .filter((saga) => isTerminal(saga) && !told.has(saga.id))
    .map(({ id, status }): Violation => {
      return {
        check: 'told',
        orderId: id,
        problem: `${status}, and nobody told the customer`,
        look,
      };
    });
  return [...untold, ...strangers(sagas, told.keys(), { check: 'told', look })];
}

function judgeLog({ sagas, sagaLog, logged, loggedSince }: Evidence): Violation[] {
  const log = byOrder(sagaLog);
  const stored = new Set(logged.map(({ id }) => id));
  const lost = sagaLog
    .filter(({ orderId, seq, at }) => at >= loggedSince && !stored.has(`saga-${orderId}-${seq}`))
    .map(({ orderId, seq, kind }): Violation => {
      const problem = `entry ${seq} (${kind}) never reached the log store`;
      return { check: 'log-complete', orderId, problem, look: 'logs.db: record' };
    });
  const gaps = sagas.flatMap(({ id, logLength }): Violation[] => {
    const entries = log.get(id) ?? [];
    const isWhole =
      entries.length === logLength && entries.every(({ seq }, index) => seq === index + 1);
    if (isWhole) return [];
    const problem = `the saga counts ${logLength} entries, its log has ${entries.map(({ seq }) => seq).join(', ')}`;
    return [{ check: 'log-complete', orderId: id, problem, look: 'mediator.saga_log' }];
  });
  return [...gaps, ...lost];
}
