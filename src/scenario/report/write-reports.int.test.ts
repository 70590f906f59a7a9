import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { parseReportTargets, requireFiles } from './report-targets.ts';
import { writeReports } from './write-reports.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'reports-'));
});
afterEach(() => rm(directory, { recursive: true }));

const at = (name: string): string => path.join(directory, name);

test('reports that cannot be written cost no other one, and each is told', async () => {
  await mkdir(at('folder'));
  await writeFile(at('file'), '');
  const targets = parseReportTargets([
    `html=${at('folder')}`,
    `junit=${at('new/ok.xml')}`,
    `ndjson=${at('file/below')}`,
    `json=${at('ok.json')}`,
  ]);
  const { written, failure } = await writeReports([], targets);
  expect(written).toEqual([at('new/ok.xml'), at('ok.json')]);
  expect(JSON.parse(await readFile(at('ok.json'), 'utf8'))).toEqual({ runs: [] });
  expect(await readFile(at('new/ok.xml'), 'utf8')).toContain('<testsuites');
  expect(failure).toMatchObject({
    code: 'environment',
    details: { unwritten: [at('folder'), at('file/below')] },
  });
  expect(failure?.message.split('\n')).toEqual([
    expect.stringContaining(`${at('folder')} cannot be written`),
    expect.stringContaining(`${at('file/below')} cannot be written`),
  ]);
});

test('a folder in the place of a report is told before anything is played', async () => {
  await expect(requireFiles(parseReportTargets(`html=${directory}`))).rejects.toMatchObject({
    code: 'usage',
    hint: `Write for example: --report html=${at('report.html')}`,
  });
  const missing = requireFiles(parseReportTargets(`junit=${at('new')}/`));
  await expect(missing).rejects.toThrow('is a folder');
  await requireFiles(parseReportTargets(`json=${at('new/report.json')},junit=/dev/stdout`));
});

test('folders are made at any depth, and where none can be made that is told', async () => {
  const targets = parseReportTargets(`json=${at('a/b/c.json')},junit=/proc/nope/deep/r.xml`);
  const { written, failure } = await writeReports([], targets);
  expect(written).toEqual([at('a/b/c.json')]);
  expect(failure?.details).toEqual({ unwritten: ['/proc/nope/deep/r.xml'] });
});
