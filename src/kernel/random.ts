/** Randomness as a port, and the seeded generator that makes a run repeatable. */

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [min, max], both ends included. */
  integer(min: number, max: number): number;
  /** An independent stream: draws from one never shift another. */
  stream(name: string): Random;
}

/** 32-bit FNV-1a: turns a stream's name into a seed. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/** Mulberry32: 32 bits of state, passes the tests that matter for jitter and fault draws. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** The same seed gives the same numbers, for every named stream on its own. */
export function seededRandom(seed: number): Random {
  return randomFrom(mulberry32(seed), (name) => seededRandom(hash(`${seed}/${name}`)));
}

/** Builds the port from any uniform source. */
export function randomFrom(next: () => number, stream: (name: string) => Random): Random {
  return {
    next,
    integer: (min, max) => min + Math.floor(next() * (max - min + 1)),
    stream,
  };
}
