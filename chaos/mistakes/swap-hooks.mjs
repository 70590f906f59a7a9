// The loader's hook: whoever asks for the module gets the mistake, except the mistake itself, which may build on it.
let swap;

export function initialize(data) {
  swap = data;
}

export async function resolve(specifier, context, nextResolve) {
  const found = await nextResolve(specifier, context);
  const isMeant = withoutQuery(found.url) === swap.module;
  if (!isMeant || withoutQuery(context.parentURL) === swap.mistake) return found;
  return { ...found, url: swap.mistake };
}

function withoutQuery(url = '') {
  return url.split('?')[0];
}
