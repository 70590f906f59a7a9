/** Timers live in the memory of the mediator that set them: the next one knows of none. In the place of mediator/sweeper.ts. */
import { Sweeper as Right, type SweeperOptions } from '../../src/mediator/sweeper.ts';

export class Sweeper extends Right {
  constructor(options: SweeperOptions) {
    const startedAt = options.part.clock.now();
    super({
      ...options,
      onDue: (row) => {
        if (row.updated_at >= startedAt) options.onDue(row);
      },
    });
  }
}
