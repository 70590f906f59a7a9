/** A message-sequence diagram of one order, as SVG. What it means is written, never coloured alone. */
import { formatDuration } from '../../../kernel/durations.ts';
import type { Hop, Mark, Story } from '../story/story.ts';
import { formatTime } from '../wording.ts';
import { html, type Markup } from './markup.ts';
import {
  layOut,
  summaryOf,
  type Absence,
  type Arrow,
  type Diagram,
  type PlacedMark,
  type TimeLabel,
} from './sequence-layout.ts';

const LABEL_ABOVE = 6;
const HEAD_TEXT_Y = 22;
const HEAD_LINE_Y = 34;
const MAX_LABEL = 46;

/** Drawn once for the whole page: what all diagrams point with. */
export function arrowHeads(): Markup {
  const head = (id: string): Markup =>
    html`<marker
      id="${id}"
      class="${id}"
      viewBox="0 0 8 8"
      refX="8"
      refY="4"
      markerWidth="8"
      markerHeight="8"
      orient="auto-start-reverse"
      ><path d="M0 0L8 4L0 8z"
    /></marker>`;
  return html`<svg width="0" height="0" class="defs" aria-hidden="true">
    <defs>${head('tip')}${head('tip-bad')}</defs>
  </svg>`;
}

/** Empty when the order left no trace. */
export function sequenceDiagram(story: Story, id: string): Markup {
  const diagram = layOut(story);
  if (diagram === undefined) return html`<p>Nothing was recorded of ${story.order}.</p>`;
  const { width, height, leftOut } = diagram;
  return html`<div
      class="scroll"
      tabindex="0"
      role="region"
      aria-label="Messages of order ${story.order}"
    >
      <svg
        class="sequence"
        role="img"
        aria-labelledby="${id}-t ${id}-d"
        viewBox="0 0 ${width} ${height}"
        width="${width}"
        height="${height}"
      >
        <title id="${id}-t">Messages of order ${story.order}</title>
        <desc id="${id}-d">${summaryOf(story)}</desc>
        ${lifelines(diagram)}${diagram.absences.map(absence)}${diagram.times.map((time) => timeLabel(time, width))}${diagram.arrows.map(arrow)}${diagram.marks.map(mark)}
      </svg>
    </div>
    ${leftOut > 0 && html`<p class="note">${leftOut} later messages and events are left out here; <code>run.ndjson</code> has them.</p>`}`;
}

function lifelines({ lifelines: all, height }: Diagram): Markup[] {
  return all.map(
    ({ label, x }) =>
      html`<path class="life" d="M${x} ${HEAD_LINE_Y}V${height}" /><text
          class="part"
          x="${x}"
          y="${HEAD_TEXT_Y}"
          >${label}</text
        >`,
  );
}

function absence({ x, y1, y2 }: Absence): Markup {
  return html`<path class="gone" d="M${x} ${y1}V${y2}" /><path
      class="away"
      d="M${x} ${y1}V${y2}"
    />`;
}

function timeLabel({ y, atMs, pauseMs }: TimeLabel, width: number): Markup {
  const pause =
    pauseMs !== undefined &&
    html`<text class="pause" x="4" y="${y - 26}">⋮ ${formatDuration(pauseMs)} later</text
      ><path class="pause" d="M84 ${y - 30}H${width}" />`;
  return html`${pause}<text class="time" x="4" y="${y + 4}">${formatTime(atMs)}</text>`;
}

const FATES: Readonly<Record<Hop['fate'], string>> = {
  arrived: '',
  dropped: '⚡ lost before it was sent',
  swallowed: '⚡ lost unread',
  unroutable: 'no queue takes it',
  refused: 'not confirmed',
  unseen: 'nobody was seen to get it',
};

/** `payment.charge (attempt 2) ↻ delivered again`. */
export function labelOf({ message, attempt, again, fate }: Hop): string {
  const repeat = again === 'redelivered' ? ' ↻ delivered again' : again === 'copy' ? ' ⧉ copy' : '';
  const why = FATES[fate] === '' ? '' : ` ✕ ${FATES[fate]}`;
  return `${message}${attempt === undefined ? '' : ` (attempt ${attempt})`}${repeat}${why}`;
}

/** Faint: the answer of a click, and what is repeated. Dashed lines are repeats or answers. */
function arrow({ hop, x1, y1, x2, y2 }: Arrow): Markup {
  const isLost = hop.fate !== 'arrived';
  const isLate = y1 !== y2 && hop.arrivedAtMs !== undefined;
  const took = isLate ? ` +${formatTime(hop.arrivedAtMs - hop.sentAtMs)}` : '';
  const kind = isLost ? 'msg bad' : hop.again === undefined ? 'msg' : 'msg again';
  // One that is lost ends short of its goal, with a cross.
  const end = isLost && hop.fate !== 'swallowed' ? x1 + (x2 - x1) * 0.7 : x2 - Math.sign(x2 - x1);
  const cross = isLost && html`<path class="cross" d="M${end - 5} ${y2 - 5}l10 10m0 -10l-10 10" />`;
  const [x, y, anchor] = labelPlace({ x1, y1, x2, y2 });
  return html`<path class="${kind}" d="M${x1} ${y1}L${end} ${y2}" />${cross}<text
      class="${isLost ? 'label bad' : 'label'}"
      x="${x}"
      y="${y}"
      text-anchor="${anchor}"
      >${cut(labelOf(hop) + took)}</text
    >`;
}

/** On the arrow's middle when it is level, else near the sender, where neighbours are not. */
function labelPlace({ x1, y1, x2, y2 }: Omit<Arrow, 'hop'>): [number, number, string] {
  if (y1 === y2) return [(x1 + x2) / 2, y1 - LABEL_ABOVE, 'middle'];
  const isRight = x2 > x1;
  return [x1 + (isRight ? 8 : -8), y1 - LABEL_ABOVE + 2, isRight ? 'start' : 'end'];
}

const SYMBOLS: Readonly<Record<Mark['what'], string>> = {
  fault: '⚡ fault: ',
  duplicate: '↺ ',
  'dead-letter': '☠ ',
  status: '',
  down: '✖ ',
  up: '● ',
};

function mark({ mark: { what, text, status, part }, x, y, side }: PlacedMark): Markup {
  const written = `${SYMBOLS[what]}${what === 'down' || what === 'up' ? `${part} ` : ''}${text}`;
  const shown = cut(written);
  if (what === 'status') return statusMark({ text: shown, x, y, isEnd: isEnding(status) });
  const [tx, anchor] = side === 'right' ? [x + 12, 'start'] : [x - 12, 'end'];
  return html`<circle class="dot ${what}" cx="${x}" cy="${y}" r="5" /><text
      class="mark ${what}"
      x="${tx}"
      y="${y + 4}"
      text-anchor="${anchor}"
      >${shown !== written && html`<title>${written}</title>`}${shown}</text
    >`;
}

function isEnding(status: Mark['status']): boolean {
  return status !== undefined && ['confirmed', 'shipped', 'rejected', 'cancelled'].includes(status);
}

interface StatusMark {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly isEnd: boolean;
}

/** Roughly: a diagram is drawn where no font can be measured. */
const CHARACTER = 6.6;

function statusMark({ text, x, y, isEnd }: StatusMark): Markup {
  const width = Math.round(text.length * CHARACTER + 16);
  return html`<rect
      class="${isEnd ? 'status end' : 'status'}"
      x="${x - width / 2}"
      y="${y - 10}"
      width="${width}"
      height="20"
      rx="10"
    /><text class="status" x="${x}" y="${y + 4}">${text}</text>`;
}

function cut(text: string): string {
  return text.length <= MAX_LABEL ? text : `${text.slice(0, MAX_LABEL - 1)}…`;
}
