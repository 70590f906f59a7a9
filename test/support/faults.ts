/** Arms a fault in the parts of a test, the way scenarios do. */
import type { Fault } from '../../src/contracts/faults.ts';
import { FaultControl } from '../../src/messaging/control.ts';
import type { Part } from '../../src/messaging/part.ts';
import type { ServiceName } from '../../src/messaging/topology.ts';

const LEASE_MS = 60_000;

export type TestFault = Pick<Fault, 'run' | 'message' | 'point' | 'action' | 'times'>;

/** Returns once the service has said that the fault is armed. @throws Error when it does not say so. */
export async function armFaults(
  part: Part,
  service: ServiceName,
  ...faults: readonly TestFault[]
): Promise<void> {
  await using control = await FaultControl.open({ ...part, services: [service], withinMs: 5_000 });
  const missing = await control.arm(
    faults.map((each) => ({ id: part.ids.uuid(), service, nth: 1, ...each })),
    LEASE_MS,
  );
  if (missing.length > 0) throw new Error(`${missing.join(', ')} did not arm the faults`);
}
