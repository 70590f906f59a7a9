/** An object with a few methods replaced: for ports whose adapters keep private state, which no copy has. */

export function overriding<T extends object>(original: T, replaced: Partial<T>): T {
  return new Proxy(original, {
    get(target, key) {
      if (Object.hasOwn(replaced, key)) return Reflect.get(replaced, key) as unknown;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
