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

export interface WrittenReports {
  /** Files as they were typed. */
  readonly written: readonly string[];
  /** `environment`: each file that could not be written, and why. Undefined when all were. */
  readonly failure: UserError | undefined;
}

/** Makes missing folders. A report that cannot be written costs no other one. Never throws for a file. */
export async function writeReports(
  runs: readonly Reported[],
  targets: readonly ReportTarget[],
): Promise<WrittenReports> {
  const written: string[] = [];
  const problems: Array<{ readonly file: string; readonly error: unknown }> = [];
  for (const { kind, file } of targets) {
    const pieces = MAKERS[kind](runs);
    try {
      await writeReport(file, pieces);
      written.push(file);
    } catch (error) {
      problems.push({ file, error });
    }
  }
  if (problems.length === 0) return { written, failure: undefined };
  return { written, failure: unwritable(problems) };
}

function unwritable(
  problems: ReadonlyArray<{ readonly file: string; readonly error: unknown }>,
): UserError {
  const lines = problems.map(
    ({ file, error }) => `The report ${file} cannot be written: ${messageOf(error)}`,
  );
  return new UserError('environment', lines.join('\n'), {
    hint: 'Choose another file for --report.',
    details: { unwritten: problems.map(({ file }) => file) },
    cause: problems[0]?.error,
  });
}

async function writeReport(file: string, pieces: Iterable<string>): Promise<void> {
  await makeFolder(path.dirname(path.resolve(file)));
  const handle = await open(file, 'w');
  try {
    for (const piece of pieces) await handle.appendFile(piece);
  } finally {
    await handle.close();
  }
}

/** One level after the other: Node's recursive form tries for ever where nothing can be made, as in /proc. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    const parent = path.dirname(folder);
    if (codeOf(error) !== 'ENOENT' || parent === folder) throw error;
    await makeFolder(parent);
    await mkdir(folder);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
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
