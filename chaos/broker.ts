/**
 * Kills young brokers, deletes their data under load and pauses them, and looks whether every queue works again
 * without an operator.
 *
 *   npm run chaos:broker                          RabbitMQ where it is installed, and our own broker; once each
 *   npm run chaos:broker -- --repeats 5
 *   npm run chaos:broker -- --broker own --trial "300 ms"
 *
 * Ends with 0 when every queue recovered in every trial, 10 when one did not, 12 when there was nothing to try.
 */
import { isRabbitInstalled, startRabbitNode } from '../test/support/rabbitmq-node.ts';
import { startOwnBroker, type KillableBroker } from '../test/support/killable-broker.ts';
import { runTrial, TRIALS, type TrialResult } from './broker/trials.ts';
import { EXIT, readFlags, runCommand, type ExitCode, type Ports } from './command.ts';

const flags = readFlags({
  repeats: { type: 'string', default: '1' },
  broker: { type: 'string', default: '' },
  trial: { type: 'string', default: '' },
});

interface Kind {
  readonly name: string;
  readonly start: () => Promise<KillableBroker>;
}

const kinds: readonly Kind[] = [
  { name: 'rabbitmq', start: startRabbitNode },
  { name: 'own', start: startOwnBroker },
].filter(({ name }) => name.includes(flags.broker) && (name !== 'rabbitmq' || isRabbitInstalled));
const trials = TRIALS.filter(({ name }) => name.includes(flags.trial));
const repeats = Number(flags.repeats);

await runCommand(async ({ print, signal }) => {
  if (!isRabbitInstalled)
    print('no rabbitmq-server is installed here: only our own broker is tried');
  let tried = 0;
  let failed = 0;
  for (const kind of kinds) {
    for (const trial of trials) {
      for (let round = 0; round < repeats && !signal.aborted; round++) {
        await using broker = await kind.start();
        const result = await runTrial(broker, trial);
        tried++;
        if (!result.recovered) failed++;
        tell({ print }, `${kind.name}: ${trial.name}`, result);
      }
    }
  }
  print(`${tried} trials, ${tried - failed} recovered`);
  return verdict(tried, failed);
});

function tell({ print }: Pick<Ports, 'print'>, what: string, result: TrialResult): void {
  const { recovered, recoveredMs, healed, warnings } = result;
  const after = recovered ? `recovered in ${(recoveredMs / 1_000).toFixed(1)} s` : 'NOT RECOVERED';
  print(`${what}: ${after}${healed.length > 0 ? `, healed ${healed.join(', ')}` : ''}`);
  if (!recovered) for (const line of warnings) print(`    ${line}`);
}

function verdict(tried: number, failed: number): ExitCode {
  if (tried === 0) return EXIT.inconclusive;
  return failed === 0 ? EXIT.proven : EXIT.violated;
}
