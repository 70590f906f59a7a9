/** Judges what customers were told against what the databases say. Pure. */
import type { Placed } from '../load/customers.ts';
import { judgeCopies } from './copies.ts';
import type { Evidence } from './evidence.ts';
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
  for (const { accepted, key } of placed) {
    if (accepted === undefined) continue;
    const saga = byKey.get(key);
    if (saga === undefined) report(accepted.id, 'was accepted and is no saga');
    else if (saga.id !== accepted.id) report(accepted.id, `is saga ${saga.id} in the database`);
    else if (accepted.status === 'rejected' && saga.status !== 'rejected')
      report(saga.id, `was rejected, and is ${saga.status}`);
  }
  const keys = new Set(placed.map(({ key }) => key));
  for (const saga of sagas) {
    const { id, key, status, open } = saga;
    if (!keys.has(key)) report(id, `nobody ordered it (${status})`);
    if (!isTerminal(saga)) report(id, `has not ended: ${status}${open ? ', still open' : ''}`);
  }
  return found;
}

function judgeHistory({ sagas, history }: Evidence): Violation[] {
  const records = byOrder(history);
  const look = 'customer.order_history';
  const wrong = sagas.flatMap((saga): Violation[] => {
    const mine = records.get(saga.id) ?? [];
    const problem = historyProblem(
      saga,
      mine.map((each) => each.totalCents),
    );
    return problem === undefined ? [] : [{ check: 'history', orderId: saga.id, problem, look }];
  });
  return [...wrong, ...strangers(sagas, records.keys(), { check: 'history', look })];
}

function historyProblem(saga: Evidence['sagas'][number], totals: readonly number[]) {
  if (!isTerminal(saga)) return undefined;
  const expected = isFulfilled(saga) ? 1 : 0;
  if (totals.length !== expected) return `${saga.status}, and ${totals.length} records of it`;
  const wrong = totals.find((each) => each !== saga.totalCents);
  return wrong === undefined ? undefined : `recorded with ${wrong} instead of ${saga.totalCents}`;
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

function judgeLog({ sagas, sagaLog }: Evidence): Violation[] {
  const log = byOrder(sagaLog);
  return sagas.flatMap(({ id, logLength }): Violation[] => {
    const entries = log.get(id) ?? [];
    const isWhole =
      entries.length === logLength && entries.every(({ seq }, index) => seq === index + 1);
    if (isWhole) return [];
    const problem = `the saga counts ${logLength} entries, its log has ${entries.map(({ seq }) => seq).join(', ')}`;
    return [{ check: 'log-complete', orderId: id, problem, look: 'mediator.saga_log' }];
  });
}
