/**
 * The mistakes of the origin, planted on purpose one at a time: a check that finds none of them would prove nothing.
 *
 *   npm run chaos:mistakes                          all; ends with 0 when each was caught, 10 when one was not
 *   npm run chaos:mistakes -- --mistake none-left   one; ends with 10 as any check that finds something does
 */
import { EXIT, readFlags, runCommand, seedOf, serversOf, type Ports } from './command.ts';
import { MISTAKES, sellWith, type Mistake } from './mistakes/planted.ts';
import { describeViolations } from './report.ts';

const flags = readFlags({ mistake: { type: 'string' }, seed: { type: 'string' } });
const seed = seedOf(flags.seed);
const chosen = MISTAKES.filter(({ name }) => flags.mistake === undefined || flags.mistake === name);

async function isCaught(mistake: Mistake, { print }: Ports): Promise<boolean> {
  const violations = await sellWith(mistake, seed, serversOf());
  const proof = violations.filter(({ check }) => check === mistake.breaks);
  print(`${mistake.name}, which ${mistake.about}: ${proof.length} violations of ${mistake.breaks}`);
  print(describeViolations(flags.mistake === undefined ? proof.slice(0, 1) : violations));
  return proof.length > 0;
}

await runCommand(async (ports) => {
  if (chosen.length === 0) throw new Error(`there is no mistake "${flags.mistake}"`);
  ports.print(`${chosen.length} mistakes, seed ${seed}`);
  let caught = 0;
  for (const mistake of chosen) {
    if (ports.signal.aborted) break;
    if (await isCaught(mistake, ports)) caught++;
  }
  if (flags.mistake !== undefined) return caught > 0 ? EXIT.violated : EXIT.proven;
  ports.print(`${caught} of ${chosen.length} mistakes were caught`);
  return caught === chosen.length ? EXIT.proven : EXIT.violated;
});
