/** How the report looks: on a light or a dark screen, on a narrow one, and on paper. */
import { Markup } from './markup.ts';

/** Pairs of text and background have a contrast of at least 4.5 to 1 in both. */
const LIGHT = `--bg:#fff;--text:#1b1d22;--soft:#555b66;--line:#d5d9e0;--panel:#f5f6f9;--good:#0b6b35;--bad:#b3151f;--warn:#855000;--accent:#1d4fb8;--s1:#1d4fb8;--s2:#93491c;--s3:#6d2f93;`;
const DARK = `--bg:#14161a;--text:#e8eaef;--soft:#a5adba;--line:#3a404b;--panel:#1d2127;--good:#5fd38d;--bad:#ff8a8f;--warn:#f2b24c;--accent:#8db4ff;--s1:#8db4ff;--s2:#f0a26b;--s3:#d0a0f5;`;

const PAGE = `
*{box-sizing:border-box}
body{margin:0 auto;max-width:1240px;padding:24px 20px 80px;background:var(--bg);color:var(--text);font:16px/1.5 system-ui,sans-serif;overflow-wrap:break-word}
h1{font-size:1.7rem;line-height:1.25;margin:0 0 4px}h2{font-size:1.3rem;line-height:1.3;margin:0;display:inline}h3{font-size:1.1rem;margin:32px 0 8px}h4{font-size:1rem;margin:20px 0 6px}
p{margin:6px 0;max-width:75ch}a{color:var(--accent)}.soft,.note{color:var(--soft)}.note{font-size:.9rem}
code,pre{font:.875rem/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:12px;overflow-x:auto;margin:8px 0}
pre.command{white-space:pre-wrap;overflow-wrap:anywhere}
.good{color:var(--good)}.bad{color:var(--bad)}.warn{color:var(--warn)}.verdict{font-weight:650;white-space:nowrap}
table{border-collapse:collapse;margin:8px 0;font-size:.925rem;width:100%}
th,td{text-align:left;vertical-align:top;padding:6px 12px 6px 0;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}td.number,th.number{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
tbody th{color:var(--text);font-weight:600}
.scroll{overflow-x:auto;max-width:100%}.scroll:focus-visible,summary:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
details{margin:10px 0}summary{cursor:pointer;padding:4px 0}
details.run{border-top:2px solid var(--line);margin:0;padding:16px 0}details.run>summary{padding:2px 0}
.card{border:1px solid var(--line);border-left:5px solid var(--bad);border-radius:6px;padding:10px 16px;margin:12px 0;background:var(--panel)}
.card.vague{border-left-color:var(--warn)}.card h4{margin:2px 0 8px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:6px 0}dt{color:var(--soft)}dd{margin:0;min-width:0}
ul{padding-left:22px;margin:6px 0}.charts{display:flex;flex-wrap:wrap;gap:8px 24px}figure{margin:8px 0;max-width:100%}figcaption{font-weight:600}
.toplink{font-size:.9rem}`;

const DRAWINGS = `
svg{display:block;max-width:none;height:auto}svg text{fill:var(--text);font:12px system-ui,sans-serif}svg.defs{position:absolute}
.sequence text{paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round}
.life{stroke:var(--line);stroke-width:2}.gone{stroke:var(--bg);stroke-width:6}.away{stroke:var(--bad);stroke-width:2;stroke-dasharray:2 6}
svg text.part{font-weight:650;font-size:13px;text-anchor:middle}svg text.time,svg text.tick,svg text.lane{fill:var(--soft);font-variant-numeric:tabular-nums}
svg text.pause{fill:var(--soft);font-style:italic}path.pause{stroke:var(--soft);stroke-dasharray:1 5}
.msg{stroke:var(--text);stroke-width:1.5;fill:none;marker-end:url(#tip)}.msg.again{stroke-dasharray:6 4}.msg.bad{stroke:var(--bad);stroke-dasharray:3 3;marker-end:none}
marker.tip{fill:var(--text)}.cross{stroke:var(--bad);stroke-width:2.5}
svg text.label.bad,svg text.fault,svg text.dead-letter,svg text.down,svg text.stack{fill:var(--bad);font-weight:600}svg text.duplicate{fill:var(--warn)}svg text.up{fill:var(--good);font-weight:600}
.dot{stroke:var(--bg);stroke-width:1.5;fill:var(--bad)}.dot.duplicate{fill:var(--warn)}.dot.up{fill:var(--good)}
rect.status{fill:var(--panel);stroke:var(--soft)}rect.status.end{stroke:var(--text);stroke-width:2.5}svg text.status{text-anchor:middle;stroke:none}
.grid{stroke:var(--line);fill:none}.axis{stroke:var(--soft);fill:none}
.line{fill:none;stroke-width:2}.line.s1{stroke:var(--s1)}.line.s2{stroke:var(--s2);stroke-dasharray:7 4}.line.s3{stroke:var(--s3);stroke-dasharray:2 3}
svg text.s1{fill:var(--s1)}svg text.s2{fill:var(--s2)}svg text.s3{fill:var(--s3)}
.spot{stroke:var(--accent);stroke-width:2}.spot.fault,.spot.stack{stroke:var(--bad)}.bar{fill:var(--bad);opacity:.25}`;

const NARROW = `@media(max-width:640px){body{padding:16px 12px 48px}h1{font-size:1.35rem}dl{grid-template-columns:1fr}dd{margin-bottom:6px}.wide{display:none}}`;

/** Paper has no folds, no scrolling and no night. */
const PRINT = `@media print{:root{color-scheme:light;${LIGHT}}body{max-width:none;padding:0;font-size:11pt}details::details-content{content-visibility:visible;display:block;height:auto}details>*{display:block}summary{list-style:none}
.scroll{overflow:visible}svg{max-width:100%;height:auto}.card,figure,tr,.sequence{break-inside:avoid}h2,h3,h4,summary{break-after:avoid}.toplink{display:none}pre{white-space:pre-wrap}.wide{display:table-cell}}`;

export const STYLES = new Markup(
  `:root{color-scheme:light dark;${LIGHT}}@media(prefers-color-scheme:dark){:root{${DARK}}}${PAGE}${DRAWINGS}${NARROW}${PRINT}`.replaceAll(
    '\n',
    '',
  ),
);
