/**
 * Visits every world that the order saga can reach in so many events, and checks each of them.
 *
 *   npm run model                    everything, until nothing new is found
 *   npm run model -- --depth 16      at most 16 events from the start
 *
 * Ends with 10 when a promise is broken; the events that lead there are printed, as few as possible.
 */
import { parseArgs } from 'node:util';

import { explore, type Exploration } from './explore.ts';
import { VERSION_1, VERSION_2 } from './models.ts';

const { values } = parseArgs({ options: { depth: { type: 'string', default: '1000' } } });
const depth = Number(values.depth);

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

for (const model of [VERSION_1, VERSION_2]) {
  const began = performance.now();
  const found = explore(model, { depth, isLivenessChecked: true });
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  print(`order saga version ${model.saga.version}: ${figuresOf(found)}, ${seconds} s`);
  if (found.violation === undefined) continue;
  print(`BROKEN ${found.violation.what}`);
  found.violation.trace.forEach((label, index) => print(`  ${index}. ${label}`));
  process.exitCode = 10;
}

function figuresOf(found: Exploration): string {
  const { worlds, transitions, sagaStates, decisions, closed, isComplete } = found;
  const reach = isComplete ? `complete at ${found.depth} events` : `${found.depth} events deep`;
  return `${reach}, ${worlds} worlds (${closed} closed), ${transitions} transitions, ${sagaStates} saga states, ${decisions} decisions`;
}
