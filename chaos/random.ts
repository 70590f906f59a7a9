/**
 * Orders at a steady rate while one random process after another is killed: parts, broker, PostgreSQL.
 *
 *   npm run chaos:random                                  10 minutes, 50 orders a second
 *   npm run chaos:random -- --minutes 1 --rate 20 --seed 7
 *   npm run chaos:random -- --broker rabbitmq             a RabbitMQ node of its own, killed as well
 *   npm run chaos:random -- --double                      two mediators, and two of each participant
 *   npm run chaos:random -- --kill mediator --kill broker  nobody else dies
 *
 * With WONDERLAND_AMQP_URL or WONDERLAND_DATABASE_URL those servers are used and left alone: only parts die. Ends
 * with 0 when no check was broken, 10 when one was or orders were still open a minute after the last kill.
 */
import { readFlags, runCommand, seedOf, serversOf } from './command.ts';
import { runRandom } from './random/run.ts';

const flags = readFlags({
  minutes: { type: 'string', default: '10' },
  rate: { type: 'string', default: '50' },
  seed: { type: 'string' },
  broker: { type: 'string', default: 'embedded' },
  kill: { type: 'string', multiple: true },
  double: { type: 'boolean', default: false },
  keep: { type: 'boolean', default: false },
});
const minutes = Number(flags.minutes);
const rate = Number(flags.rate);
const seed = seedOf(flags.seed);

await runCommand(async (ports) => {
  ports.print(`${minutes} minutes at ${rate} orders/s, seed ${seed}`);
  const common = { minutes, rate, seed, only: flags.kill };
  const options = { isKept: flags.keep, isDoubled: flags.double };
  if (flags.broker !== 'rabbitmq') {
    return runRandom({ ...common, stack: { servers: serversOf(), ...options } }, ports);
  }
  const { startRabbitNode } = await import('../test/support/rabbitmq-node.ts');
  await using node = await startRabbitNode();
  const stack = { servers: { ...serversOf(), amqpUrl: node.url }, ...options };
  const kill = async (): Promise<void> => {
    await node.kill();
    await node.start();
  };
  return await runRandom({ ...common, stack, broker: { name: 'rabbitmq', kill } }, ports);
});
