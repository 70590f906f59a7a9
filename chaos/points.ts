/**
 * Kills each process with SIGKILL exactly at each point of each message's life, and looks what became of the orders.
 *
 *   npm run chaos:points                              the short form: the points that matter most, once each
 *   npm run chaos:points -- --repeats 100             every point, a hundred times
 *   npm run chaos:points -- --point payment --seed 7
 *
 * Own broker and PostgreSQL, or those of WONDERLAND_AMQP_URL and WONDERLAND_DATABASE_URL. Ends with 0 when no
 * check was broken, 10 when one was, 12 when a crash never came about.
 */
import { readFlags, runCommand, seedOf, serversOf } from './command.ts';
import { runPoints } from './points/run.ts';
import { CRASH_POINTS } from './points/table.ts';

const flags = readFlags({
  repeats: { type: 'string' },
  point: { type: 'string', default: '' },
  seed: { type: 'string' },
  keep: { type: 'boolean', default: false },
});
// The short form unless more is asked for.
const isLong = flags.repeats !== undefined || flags.point !== '';
const points = CRASH_POINTS.filter(
  ({ name, isShort }) => name.includes(flags.point) && (isLong || isShort),
);
const repeats = Number(flags.repeats ?? 1);
const seed = seedOf(flags.seed);

await runCommand(async (ports) => {
  if (points.length === 0) throw new Error(`no crash point has "${flags.point}" in its name`);
  ports.print(`${points.length} crash points, ${repeats} each, seed ${seed}`);
  const stack = { servers: serversOf(), isKept: flags.keep };
  return runPoints({ points, repeats, seed, stack }, ports);
});
