/** The origin's fourth mistake: whoever waits for a reply waits for ever. In the place of src/mediator/sweeper.ts. */
import { Sweeper as Right, type SweeperOptions } from '../../src/mediator/sweeper.ts';

export class Sweeper extends Right {
  /** What rests goes on; what has asked is never asked again. */
  constructor(options: SweeperOptions) {
    super({ ...options, onDue: (row) => row.pending.length === 0 && options.onDue(row) });
  }
}
