/** The way of one order for a terminal: its last messages, and every fault, loss and repetition on the way. */
import { formatDuration } from '../../kernel/durations.ts';
import type { Paint } from './paint.ts';
import {
  BUYER,
  OUTSIDE,
  startOf,
  type Hop,
  type Mark,
  type Scene,
  type Story,
} from './story/story.ts';
import { aligned } from './trail.ts';
import { formatTime } from './wording.ts';

export interface TrailOptions {
  /** Lines at most. */
  readonly limit: number;
  readonly paint: Paint;
}

/** In order of time; what is left out is told. */
export function messageTrail({ scenes }: Story, { limit, paint }: TrailOptions): string[] {
  const shown = choose(scenes, limit);
  const rows = aligned(shown.map(rowOf));
  const lines = rows.map((row, index) => {
    const scene = shown[index];
    return scene !== undefined && isOdd(scene) ? paint('warning', row) : row;
  });
  const left = scenes.length - shown.length;
  return left === 0 ? lines : [paint('quiet', `(${left} of ${scenes.length} left out)`), ...lines];
}

/** Names of those who are no part, and of the part that has a customer's name. */
const NAMES: Readonly<Record<string, string>> = {
  [BUYER]: 'customer',
  [OUTSIDE]: 'elsewhere',
  customer: 'customer service',
};

const nameOf = (part: string): string => NAMES[part] ?? part;

/** What went wrong comes first to people's minds, then how it ended. */
function choose(scenes: readonly Scene[], limit: number): Scene[] {
  if (scenes.length <= limit) return [...scenes];
  const odd = scenes.filter(isOdd).slice(0, Math.floor(limit / 2));
  const rest = scenes.filter((scene) => !odd.includes(scene)).slice(odd.length - limit);
  return scenes.filter((scene) => odd.includes(scene) || rest.includes(scene));
}

function isOdd(scene: Scene): boolean {
  if (scene.kind === 'mark') return scene.what !== 'status';
  return scene.fate !== 'arrived' || scene.again !== undefined;
}

function rowOf(scene: Scene): readonly string[] {
  const time = formatTime(startOf(scene));
  return scene.kind === 'hop' ? [time, wayOf(scene), hopText(scene)] : [time, ...markRow(scene)];
}

function wayOf({ from, to }: Hop): string {
  return `${nameOf(from)} → ${nameOf(to)}`;
}

const FATES: Readonly<Record<Hop['fate'], string>> = {
  arrived: '',
  dropped: '  ⚡ lost before it was sent',
  swallowed: '  ⚡ lost unread',
  unroutable: '  ✕ no queue takes it',
  refused: '  ✕ not confirmed by the broker',
  unseen: '  ✕ nobody was seen to get it',
};

function hopText({ message, attempt, again, fate, sentAtMs, arrivedAtMs }: Hop): string {
  const tookMs = (arrivedAtMs ?? sentAtMs) - sentAtMs;
  const notes = [
    ...(attempt === undefined ? [] : [`attempt ${attempt}`]),
    ...(again === 'redelivered' ? ['↻ delivered again'] : []),
    ...(again === 'copy' ? ['⧉ a copy'] : []),
    ...(tookMs >= 100 ? [`under way for ${formatDuration(tookMs)}`] : []),
  ];
  return `${message}${notes.length === 0 ? '' : `  (${notes.join(', ')})`}${FATES[fate]}`;
}

const MARKS: Readonly<Record<Mark['what'], string>> = {
  fault: '⚡ fault: ',
  duplicate: '↺ ',
  'dead-letter': '☠ ',
  status: '= ',
  down: '✖ ',
  up: '● ',
};

function markRow({ part, what, text }: Mark): readonly [string, string] {
  return [nameOf(part), `${MARKS[what]}${text}`];
}
