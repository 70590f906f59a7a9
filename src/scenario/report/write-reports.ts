/** Writes the reports of a command: JUnit, HTML, JSON and NDJSON, each into one file. */
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';

import { messageOf, UserError } from '../../kernel/errors.ts';
import { documentOfRun } from './document.ts';
import { htmlReport } from './html/page.ts';
import { junitOf } from './junit.ts';
import type { ReportKind, ReportTarget } from './report-targets.ts';
import { isJudged, type Reported } from './reported-run.ts';

/** Lines of recordings that are written together. */
const LINES_AT_ONCE = 1_000;

/** Pieces of a report, so that a long one is never held in memory as a whole. */
const MAKERS: Readonly<Record<ReportKind, (runs: readonly Reported[]) => Iterable<string>>> = {
  junit: (runs) => [junitOf(runs)],
  html: (runs) => [htmlReport(runs)],
  json: (runs) => [`${JSON.stringify({ runs: runs.map(documentOf) }, undefined, 2)}\n`],
  ndjson: linesOfAll,
};

/** Makes missing folders. @throws UserError `environment` when a file cannot be written. */
export async function writeReports(
  runs: readonly Reported[],
  targets: readonly ReportTarget[],
): Promise<void> {
  for (const { kind, file } of targets) await writeReport(file, MAKERS[kind](runs));
}

async function writeReport(file: string, pieces: Iterable<string>): Promise<void> {
  try {
    await mkdir(path.dirname(path.resolve(file)), { recursive: true });
    const handle = await open(file, 'w');
    try {
      for (const piece of pieces) await handle.appendFile(piece);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new UserError(
      'environment',
      `The report ${file} cannot be written: ${messageOf(error)}`,
      {
        hint: 'Choose another file for --report.',
        cause: error,
      },
    );
  }
}

function documentOf(reported: Reported): unknown {
  if (isJudged(reported)) return documentOfRun(reported, reported.again);
  const { plan, error, again } = reported;
  const { name: scenario, title, file, seed, cell } = plan;
  return { scenario, title, file, seed, cell, verdict: 'not-played', error, again };
}

/** Every line of every run, one run after the other: each begins with its line of the kind `run`. */
function* linesOfAll(runs: readonly Reported[]): Iterable<string> {
  for (const run of runs.filter(isJudged)) {
    for (let at = 0; at < run.lines.length; at += LINES_AT_ONCE) {
      const some = run.lines.slice(at, at + LINES_AT_ONCE);
      yield some.map((line) => `${JSON.stringify(line)}\n`).join('');
    }
  }
}
