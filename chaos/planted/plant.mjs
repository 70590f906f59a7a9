// Plants a bug in the parts that CHAOS_PLANT names, `part=module=bug` with two URLs; every other process is left alone.
// For NODE_OPTIONS=--import: whoever starts a stack hands it down to all of its processes, and needs no switch for it.
import { register } from 'node:module';
import { env } from 'node:process';

const [part, module, bug] = (env.CHAOS_PLANT ?? '').split('=');
const [service] = (env.WONDERLAND_PART ?? '').split('-');

if (bug !== undefined && part.split(',').includes(service)) {
  // Bugs are written in TypeScript, as the product is.
  const { register: registerTypes } = await import('tsx/esm/api');
  registerTypes();
  register('./plant-hooks.mjs', import.meta.url, { data: { module, bug } });
}
