/** The command line from its sources, so that a module of it can be swapped for a mistake. */
import { main } from '../../src/cli.ts';

await main(process.argv);
