/** The faults of a run in a live stack: armed under a lease that is renewed, cleared at the end whatever happens. */
import type { Fault } from '../../contracts/faults.ts';
import type { Timer } from '../../kernel/clock.ts';
import { UserError } from '../../kernel/errors.ts';
import { FaultControl, type ClearedReport } from '../../messaging/control.ts';
import { PARTICIPANTS } from '../../messaging/topology.ts';
import type { FaultOutcome } from '../judge/verdict.ts';
import type { PlannedFault } from '../plan.ts';
import type { Connection } from './connection.ts';

/** Faults end by themselves this long after the last sign of life, should this process be killed. */
const LEASE_MS = 15_000;
const RENEW_MS = 5_000;
const ANSWER_WITHIN_MS = 3_000;
/** Parts that handle messages of orders. */
const HANDLING_PARTS = ['mediator', ...PARTICIPANTS, 'notification'];

export interface FaultsOfRun {
  readonly connection: Connection;
  readonly run: string;
  readonly planned: readonly PlannedFault[];
}

/** Disposing clears the faults; clearing twice is harmless. */
export class ArmedFaults implements AsyncDisposable {
  readonly #options: FaultsOfRun;
  readonly #control: FaultControl;
  readonly #faults: Fault[];
  #renewal: Timer | undefined;
  #outcomes: Promise<readonly FaultOutcome[]> | undefined;

  private constructor(options: FaultsOfRun, control: FaultControl) {
    this.#options = options;
    this.#control = control;
    this.#faults = options.planned.map((fault) => faultOf(fault, options.run));
  }

  /** @throws UserError `environment` when a part that is to fail does not listen for faults. */
  static async arm(options: FaultsOfRun): Promise<ArmedFaults> {
    const { bus, names, ids, clock } = options.connection;
    const withinMs = ANSWER_WITHIN_MS;
    const services = servicesOf(options.planned);
    const control = await FaultControl.open({ bus, names, ids, clock, services, withinMs });
    const armed = new ArmedFaults(options, control);
    const missing = await control.arm(armed.#faults, LEASE_MS);
    armed.#renew();
    if (missing.length === 0) return armed;
    await armed[Symbol.asyncDispose]();
    throw deafParts(missing);
  }

  /** Clears everywhere and tells what became of each fault; later calls tell the same. */
  disarm(): Promise<readonly FaultOutcome[]> {
    return (this.#outcomes ??= this.#clear());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.disarm().catch(() => undefined);
    await this.#control[Symbol.asyncDispose]();
  }

  #renew(): void {
    this.#renewal = this.#options.connection.clock.after(
      RENEW_MS,
      () => {
        void this.#control.arm(this.#faults, LEASE_MS);
        this.#renew();
      },
      { weak: true },
    );
  }

  async #clear(): Promise<readonly FaultOutcome[]> {
    this.#renewal?.cancel();
    const { planned, run } = this.#options;
    const { reports, missing } = await this.#control.clear(run);
    if (missing.length > 0) throw stuckFaults(missing);
    return planned.map((fault) => outcomeOf(fault, run, reports));
  }
}

/** Ids are unique on the stack, so that runs side by side do not mix. */
function idOf({ id }: PlannedFault, run: string): string {
  return `${run}/${id}`;
}

function faultOf(planned: PlannedFault, run: string): Fault {
  const { target, action, nth, times } = planned;
  return {
    id: idOf(planned, run),
    run,
    ...target,
    action,
    nth,
    ...(times !== undefined && { times }),
  };
}

function servicesOf(planned: readonly PlannedFault[]): readonly string[] {
  const named = new Set(planned.map(({ target }) => target.service));
  return named.has('*') ? HANDLING_PARTS : [...named];
}

function outcomeOf(
  fault: PlannedFault,
  run: string,
  reports: readonly ClearedReport[],
): FaultOutcome {
  const concerned = reports.filter(
    ({ service }) => fault.target.service === '*' || fault.target.service === service,
  );
  const passed: Record<string, number> = {};
  for (const [message, times] of concerned.flatMap((each) => Object.entries(each.passed))) {
    passed[message] = (passed[message] ?? 0) + times;
  }
  const fired = concerned
    .flatMap((each) => each.reports)
    .filter(({ faultId }) => faultId === idOf(fault, run))
    .reduce((sum, each) => sum + each.fired, 0);
  return { fault, fired, passed };
}

function deafParts(missing: readonly string[]): UserError {
  return new UserError('environment', `No faults can be armed in ${missing.join(', ')}`, {
    hint: 'Faults need a stack started for development: use --isolated, or set WONDERLAND_FAULTS=1 for its parts.',
  });
}

function stuckFaults(missing: readonly string[]): UserError {
  const seconds = LEASE_MS / 1_000;
  return new UserError(
    'part-failed',
    `${missing.join(', ')} did not confirm that its faults are gone`,
    {
      hint: `They end by themselves ${seconds} s after they were armed. See: wonderland ps`,
    },
  );
}
