import { expect, test } from 'vitest';

import { recordedLines } from '../../../test/support/recorded-run.ts';
import { PLAN } from '../../../test/support/seen-run.ts';
import { judgeRecording } from '../recording/check.ts';
import type { Line } from '../recording/lines.ts';
import { escapeText } from './html/markup.ts';
import { htmlReport } from './html/page.ts';
import { layOut } from './html/sequence-layout.ts';
import { junitOf } from './junit.ts';
import { parseReportTargets } from './report-targets.ts';
import type { ReportedRun } from './reported-run.ts';
import { Stories } from './story/tell.ts';

const EVIL = `<script>alert("1")</script>\u0000\u001b]]>`;

function reported(lines: readonly Line[] = recordedLines()): ReportedRun {
  const [run] = lines;
  if (run?.kind !== 'run') throw new TypeError('a recording begins with a run');
  const plan = { ...PLAN, title: EVIL, about: EVIL };
  const { play } = judgeRecording({ run, plan, lines, flaws: [] });
  return { plan, play, lines, again: EVIL, recording: EVIL, notes: [EVIL] };
}

/** Opened and closed in the right order, and nothing that XML does not allow. */
function brokenTags(xml: string): string[] {
  const open: string[] = [];
  const broken: string[] = [];
  for (const [, slash, name = '', rest = ''] of xml.matchAll(/<(\/?)([a-z-]+)([^<>]*)>/g)) {
    if (slash === '/') {
      if (open.pop() !== name) broken.push(name);
    } else if (!rest.endsWith('/')) open.push(name);
  }
  return [...broken, ...open];
}

test('names that are markup stay text in HTML, and nothing in the page comes from elsewhere', () => {
  const page = htmlReport([reported()]);
  expect(page).not.toContain('<script');
  expect(page).toContain('&lt;script&gt;');
  expect(page).not.toMatch(/\b(?:src|href)="(?!#)/);
  expect(page).toContain('default-src &#39;none&#39;');
});

test('JUnit is well formed whatever the names are, and has a failure for each broken check', () => {
  const run = reported();
  const [check] = run.play.checks;
  if (check === undefined) throw new TypeError('there are checks');
  const checks = [{ ...check, isMet: false, found: EVIL }];
  const failed: ReportedRun = { ...run, play: { ...run.play, verdict: 'failed', checks } };
  const vague: ReportedRun = { ...run, play: { ...run.play, verdict: 'inconclusive' } };
  const xml = junitOf([run, failed, vague]);
  expect(brokenTags(xml)).toEqual([]);
  // oxlint-disable-next-line no-control-regex
  expect(xml).not.toMatch(/[\u0000-\u0008\u001b]|\]\]>/);
  expect(xml).toContain('tests="3" failures="1" errors="1"');
  expect(xml.match(/<error type="inconclusive"/g)).toHaveLength(1);
  expect(xml.match(/<failure /g)).toHaveLength(1);
});

test('what is no character in XML is replaced', () => {
  expect(escapeText('a\u0000b\ud800<&\n')).toBe('a\ufffdb\ufffd&lt;&amp;\n');
});

test('a diagram has an arrow for each delivery, and a repetition is marked', () => {
  const story = new Stories(reported()).of('good');
  const diagram = layOut(story);
  const arrows = diagram?.arrows.filter(({ hop }) => hop.message === 'payment.charge') ?? [];
  expect(arrows.map(({ hop }) => hop.again)).toEqual([undefined, 'redelivered']);
  expect(arrows.every(({ x1, x2 }) => x1 < x2)).toBe(true);
  expect(diagram?.marks.map(({ mark }) => mark.what)).toEqual(['duplicate']);
  const ys = diagram?.times.map(({ y }) => y) ?? [];
  expect(ys).toEqual(ys.toSorted((a, b) => a - b));
  expect(diagram?.times.some(({ pauseMs = 0 }) => pauseMs > 1_000)).toBe(true);
});

test('targets of reports are read, and mistakes are told with what was meant', () => {
  expect(parseReportTargets('junit=a.xml,html=b.html')).toEqual([
    { kind: 'junit', file: 'a.xml' },
    { kind: 'html', file: 'b.html' },
  ]);
  expect(() => parseReportTargets(['htm=a'])).toThrow('--report knows no "htm"');
  expect(() => parseReportTargets(['html=a', 'json=./a'])).toThrow('same file');
  expect(() => parseReportTargets('html')).toThrow('has no file');
});
