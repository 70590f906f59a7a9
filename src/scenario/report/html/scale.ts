/** From milliseconds and amounts to places in a drawing. Pure. */

export interface Scale {
  readonly from: number;
  readonly to: number;
  at(value: number): number;
}

/** Values from 0 to `max` onto places from one to another. */
export function scale(max: number, from: number, to: number): Scale {
  const span = max <= 0 ? 1 : max;
  return { from, to, at: (value) => round(from + ((to - from) * value) / span) };
}

/** Round values from 0 to `max`, about `count` of them; whole ones when asked for. */
export function ticks(max: number, count: number, isWhole = false): number[] {
  if (max <= 0) return [0];
  const rough = max / count;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * magnitude).find((each) => each >= rough);
  const size = isWhole ? Math.max(1, Math.ceil(step ?? rough)) : (step ?? rough);
  return Array.from({ length: Math.floor(max / size + 1e-9) + 1 }, (_, index) => index * size);
}

/** A tenth of a pixel is fine enough, and short. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
