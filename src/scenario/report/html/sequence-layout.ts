/** Where everything of a message-sequence diagram goes: lifelines side by side, time from top to bottom. Pure. */
import {
  BUYER,
  OUTSIDE,
  startOf,
  type Hop,
  type Mark,
  type Scene,
  type Story,
} from '../story/story.ts';

export interface Lifeline {
  readonly part: string;
  readonly label: string;
  readonly x: number;
}

export interface Arrow {
  readonly hop: Hop;
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface PlacedMark {
  readonly mark: Mark;
  readonly x: number;
  readonly y: number;
  /** On which side of the lifeline its text has room. */
  readonly side: 'left' | 'right';
}

/** A part that is away: its lifeline is interrupted. */
export interface Absence {
  readonly x: number;
  readonly y1: number;
  readonly y2: number;
}

export interface TimeLabel {
  readonly y: number;
  readonly atMs: number;
  /** So long nothing happened before. */
  readonly pauseMs?: number;
}

export interface Diagram {
  readonly width: number;
  readonly height: number;
  readonly lifelines: readonly Lifeline[];
  readonly arrows: readonly Arrow[];
  readonly marks: readonly PlacedMark[];
  readonly absences: readonly Absence[];
  readonly times: readonly TimeLabel[];
  /** Scenes that had no room. */
  readonly leftOut: number;
}

/** Customer first, then in the order in which an order meets them. */
const LABELS: ReadonlyArray<readonly [part: string, label: string]> = [
  [OUTSIDE, 'elsewhere'],
  [BUYER, 'customer'],
  ['mediator', 'mediator'],
  ['inventory', 'inventory'],
  ['payment', 'payment'],
  ['customer', 'customer service'],
  ['notification', 'notification'],
  ['logging', 'logging'],
];
/** Whose presence nobody needs to see to know that they take part. */
const ALWAYS: ReadonlySet<string> = new Set([BUYER, 'mediator']);

const TIMES_WIDTH = 84;
const LANE = 168;
const HEAD = 44;
const ROW = 30;
const PAUSE_ROW = 26;
const FOOT = 18;
/** A longer silence gets a row of its own. */
const PAUSE_MS = 1_000;
/** A message that is under way longer than this is drawn slanted, even when nothing happens meanwhile. */
const SWIFT_MS = 500;
const MAX_SCENES = 140;

/** Undefined when there is nothing to draw. */
export function layOut({ scenes }: Story): Diagram | undefined {
  const shown = scenes.slice(0, MAX_SCENES);
  if (shown.length === 0) return undefined;
  const lifelines = lifelinesOf(shown);
  const xs = new Map(lifelines.map(({ part, x }) => [part, x]));
  const middle = TIMES_WIDTH + (lifelines.length * LANE) / 2;
  const { rows, times, bottom } = stack(ticksOf(shown));
  const marks = shown.flatMap((scene): PlacedMark[] => {
    const x = scene.kind === 'mark' ? (xs.get(scene.part) ?? TIMES_WIDTH) : 0;
    if (scene.kind !== 'mark') return [];
    const y = rows.get(scene)?.start ?? HEAD;
    return [{ mark: scene, x, y, side: x > middle ? 'left' : 'right' }];
  });
  return {
    width: TIMES_WIDTH + lifelines.length * LANE,
    height: bottom + FOOT,
    lifelines,
    arrows: shown.flatMap((scene) => arrowsOf(scene, rows.get(scene), xs)),
    marks,
    absences: absencesOf(marks, bottom),
    times,
    leftOut: scenes.length - shown.length,
  };
}

function lifelinesOf(scenes: readonly Scene[]): Lifeline[] {
  const taking = new Set<string>(ALWAYS);
  for (const scene of scenes) {
    if (scene.kind === 'hop') taking.add(scene.from).add(scene.to);
    else taking.add(scene.part);
  }
  const known = LABELS.filter(([part]) => taking.has(part));
  // Servers such as the broker have a line only when something was done to them.
  const others = [...taking].filter((part) => !LABELS.some(([name]) => name === part)).toSorted();
  const all = [...known, ...others.map((part) => [part, part] as const)];
  return all.map(([part, label], index) => ({
    part,
    label,
    x: TIMES_WIDTH + index * LANE + LANE / 2,
  }));
}

/** A moment in the diagram: a scene begins, or its message arrives, or both at once. */
interface Tick {
  readonly scene: Scene;
  readonly atMs: number;
  readonly does: 'begin' | 'arrive' | 'both';
}

/** Messages that are swift, and whose receiver does nothing meanwhile, get one row; others are seen to be under way. */
function ticksOf(scenes: readonly Scene[]): Tick[] {
  const ticks = scenes.flatMap((scene): Tick[] => {
    if (scene.kind === 'mark') return [{ scene, atMs: scene.atMs, does: 'both' }];
    const { sentAtMs, arrivedAtMs } = scene;
    if (arrivedAtMs === undefined) return [{ scene, atMs: sentAtMs, does: 'both' }];
    if (isSwift(scene, scenes)) return [{ scene, atMs: arrivedAtMs, does: 'both' }];
    return [
      { scene, atMs: sentAtMs, does: 'begin' },
      { scene, atMs: arrivedAtMs, does: 'arrive' },
    ];
  });
  return ticks.toSorted((a, b) => a.atMs - b.atMs || rank(a) - rank(b));
}

/** Of one millisecond: what is sent, then what arrives, then what comes of it. */
function rank({ scene, does }: Tick): number {
  if (scene.kind === 'mark') return scene.what === 'fault' ? 2 : scene.what === 'status' ? 4 : 3;
  return does === 'arrive' ? 1 : 0;
}

function isSwift(hop: Hop, scenes: readonly Scene[]): boolean {
  const { sentAtMs, arrivedAtMs = sentAtMs, to, from } = hop;
  if (arrivedAtMs - sentAtMs > SWIFT_MS) return false;
  return !scenes.some((other) => {
    if (other === hop || other.kind !== 'hop' || other.to !== to || other.from !== from)
      return false;
    const at = other.arrivedAtMs ?? other.sentAtMs;
    return other.sentAtMs >= sentAtMs && at < arrivedAtMs;
  });
}

interface Rows {
  readonly rows: ReadonlyMap<Scene, { start: number; end: number }>;
  readonly times: readonly TimeLabel[];
  readonly bottom: number;
}

function stack(ticks: readonly Tick[]): Rows {
  const rows = new Map<Scene, { start: number; end: number }>();
  const times: TimeLabel[] = [];
  let y = HEAD;
  let lastMs: number | undefined;
  for (const { scene, atMs, does } of ticks) {
    const pauseMs = lastMs === undefined ? 0 : atMs - lastMs;
    y += pauseMs >= PAUSE_MS ? ROW + PAUSE_ROW : ROW;
    const row = rows.get(scene) ?? { start: y, end: y };
    rows.set(scene, does === 'arrive' ? { ...row, end: y } : { start: y, end: y });
    if (lastMs === undefined || Math.round(atMs) !== Math.round(lastMs)) {
      times.push({ y, atMs, ...(pauseMs >= PAUSE_MS && { pauseMs }) });
    }
    lastMs = atMs;
  }
  return { rows, times, bottom: y };
}

function arrowsOf(
  scene: Scene,
  row: { readonly start: number; readonly end: number } | undefined,
  xs: ReadonlyMap<string, number>,
): Arrow[] {
  if (scene.kind !== 'hop' || row === undefined) return [];
  const [x1, x2] = [xs.get(scene.from) ?? TIMES_WIDTH, xs.get(scene.to) ?? TIMES_WIDTH];
  return [{ hop: scene, x1, y1: row.start, x2, y2: row.end }];
}

/** From going down to coming back; to the end of the diagram when it did not. */
function absencesOf(marks: readonly PlacedMark[], bottom: number): Absence[] {
  return marks.flatMap(({ mark, x, y }, index) => {
    if (mark.what !== 'down') return [];
    const back = marks
      .slice(index + 1)
      .find((other) => other.mark.what === 'up' && other.mark.part === mark.part);
    return [{ x, y1: y, y2: back?.y ?? bottom + FOOT }];
  });
}

/** What a diagram shows, in one sentence for those who do not see it. */
export function summaryOf({ order, scenes }: Story): string {
  const hops = scenes.filter((scene) => scene.kind === 'hop').length;
  const faults = scenes.filter((scene) => scene.kind === 'mark' && scene.what === 'fault').length;
  const first = scenes[0] === undefined ? 0 : startOf(scenes[0]);
  return `Order ${order}: ${hops} messages, ${faults} faults, from ${Math.round(first)} ms after the start.`;
}
