/** The stacks that the plays of one command share: an ephemeral one is started once, however often is played. */
import { formatDuration } from '../../kernel/durations.ts';
import { openSite, type Site, type SiteOptions } from '../../scenario/live/site.ts';
import type { CommandContext } from '../context.ts';
import type { Progress } from '../progress.ts';
import type { AgainOptions } from './again.ts';

export interface SitesOptions extends Pick<AgainOptions, 'isolated' | 'engine'> {
  readonly context: CommandContext;
  readonly progress: Progress;
}

/** Disposing removes what was started. */
export class SharedSites implements AsyncDisposable {
  readonly #options: SitesOptions;
  readonly #own = new Map<number, Site>();
  /** Of the last stack that was handed out: `ephemeral` once there was one. */
  #kind: Site['kind'] = 'running';

  constructor(options: SitesOptions) {
    this.#options = options;
  }

  get kind(): Site['kind'] {
    return this.#kind;
  }

  /** Whoever is handed a stack may dispose of it: it stays for the next play. */
  async open(mediators: number): Promise<Site> {
    const site = this.#own.get(mediators) ?? (await this.#start(mediators));
    if (site.kind === 'ephemeral') {
      this.#kind = 'ephemeral';
      this.#own.set(mediators, site);
      return { ...site, [Symbol.asyncDispose]: () => Promise.resolve() };
    }
    return site;
  }

  /** Something is wrong with them: the next play gets others. */
  async renew(): Promise<void> {
    const sites = [...this.#own.values()];
    this.#own.clear();
    await Promise.allSettled(sites.map((site) => site[Symbol.asyncDispose]()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.renew();
  }

  async #start(mediators: number): Promise<Site> {
    const { context, progress, isolated, engine } = this.#options;
    const { clock, ids, signal } = context;
    const startedAt = clock.elapsed();
    const options: SiteOptions = {
      settings: await context.settings(),
      isNamed: context.globals.stack !== undefined,
      isolated,
      engine,
      clock,
      ids,
      signal,
      onStarting: ({ parts }) => {
        const ready = parts.filter(({ state }) => state === 'ready').length;
        progress.update(`starting a stack for this: ${ready} of ${parts.length} parts ready`);
      },
    };
    const site = await openSite(options, mediators);
    if (site.kind === 'ephemeral') {
      const took = formatDuration(clock.elapsed() - startedAt);
      const many = mediators > 1 ? ` with ${mediators} mediators` : '';
      progress.step(
        'info',
        `a stack of its own${many} was started in ${took}, and goes afterwards`,
      );
    }
    return site;
  }
}
