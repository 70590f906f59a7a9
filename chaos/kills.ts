/**
 * Kills the CLI (SIGINT, SIGKILL) at random moments while it plays a scenario with many faults, on the running stack
 * and on one of its own. `scenario heal` must leave no armed fault, no stopped part, and no process.
 *
 *   npm run chaos:kills                            20 moments; ends with 0 when nothing was left, 10 when something was
 *   npm run chaos:kills -- --moments 100 --seed 7
 */
import { EXIT, readFlags, runCommand, seedOf } from './command.ts';
import { KillSite } from './kills/site.ts';
import { describeTrial, drawMoments, isEndedBy, measureCalm, tryMoment } from './kills/trials.ts';

const flags = readFlags({
  moments: { type: 'string', default: '20' },
  seed: { type: 'string' },
});
const seed = seedOf(flags.seed);

await runCommand(async ({ print, signal }) => {
  print(`${flags.moments} moments, seed ${seed}`);
  await using site = await KillSite.open();
  const calmMs = {
    running: await measureCalm(site, false),
    isolated: await measureCalm(site, true),
  };
  let dirty = 0;
  let killed = 0;
  for (const moment of drawMoments(seed, Number(flags.moments), calmMs)) {
    if (signal.aborted) break;
    const trial = await tryMoment(site, moment);
    print(describeTrial(trial));
    if (trial.remains.length > 0) dirty++;
    if (isEndedBy(trial)) killed++;
  }
  print(
    `${killed} of ${flags.moments} commands were killed; ${dirty} left something after scenario heal`,
  );
  if (dirty > 0) return EXIT.violated;
  return killed > 0 ? EXIT.proven : EXIT.inconclusive;
});
