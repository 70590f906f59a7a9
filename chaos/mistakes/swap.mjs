// Puts a mistake in the place of one module of the product, for this process only: CHAOS_SWAP is `module=mistake`, two URLs.
import { register } from 'node:module';
import { env } from 'node:process';

const [module, mistake] = env.CHAOS_SWAP.split('=');
register('./swap-hooks.mjs', import.meta.url, { data: { module, mistake } });
