// Goal: whoever kills the CLI leaves no broken shop. Method: seeded random moments; `npm run chaos:kills` has more of them.
import { expect, test } from 'vitest';

import { KillSite } from '../../chaos/kills/site.ts';
import { describeTrial, drawMoments, measureCalm, tryMoment } from '../../chaos/kills/trials.ts';
import { liveRandom } from '../../src/kernel/live.ts';

const MOMENTS = 6;

test(
  'a killed command leaves no fault, no stopped part and no process, after heal at the latest',
  { timeout: 600_000 },
  async () => {
    const seed = liveRandom.integer(1, 1_000_000);
    await using site = await KillSite.open();
    const calmMs = {
      running: await measureCalm(site, false),
      isolated: await measureCalm(site, true),
    };
    for (const moment of drawMoments(seed, MOMENTS, calmMs)) {
      const trial = await tryMoment(site, moment);
      expect(trial.remains, `seed ${seed}: ${describeTrial(trial)}`).toEqual([]);
    }
  },
);
