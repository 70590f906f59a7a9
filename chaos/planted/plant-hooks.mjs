// The loader's hook: whoever asks for the module gets the bug; what the bug is made of comes from the compiled product.
const SOURCES = new URL('../../src/', import.meta.url).href;
const COMPILED = new URL('../../dist/', import.meta.url).href;
let plant;

export function initialize(data) {
  plant = data;
}

export async function resolve(specifier, context, nextResolve) {
  const found = await nextResolve(specifier, context);
  const url = withoutQuery(found.url);
  const isFromBug = withoutQuery(context.parentURL) === plant.bug;
  if (isFromBug && url.startsWith(SOURCES)) {
    const compiled = url.replace(SOURCES, COMPILED).replace(/\.ts$/, '.js');
    return { ...found, url: compiled, format: 'module' };
  }
  if (isFromBug || url !== plant.module) return found;
  return { ...found, url: plant.bug, format: 'module' };
}

function withoutQuery(url = '') {
  return url.split('?')[0];
}
