/** Plays scenarios again each time that one of their files is saved, until Ctrl-C. */
import { stat } from 'node:fs/promises';

import { workingDirectory } from '../../config/directories.ts';
import { WonderlandError } from '../../kernel/errors.ts';
import { parseReportTargets, requireFiles } from '../../scenario/report/report-targets.ts';
import { findScenarios } from '../../scenario/library.ts';
import type { CommandContext } from '../context.ts';
import { failureText } from '../failure.ts';
import {
  loadPlayable,
  playRound,
  saveReports,
  type Playing,
  type ScenarioRunOptions,
} from './run.ts';
import { isPlayed } from '../../scenario/run-scenarios.ts';
import { SharedSites } from './sites.ts';

/** How often files are looked at: editors replace files, which watching one would not see. */
const LOOK_EVERY_MS = 200;
const USAGE = 2;

/**
 * Ends with Ctrl-C, which is the proper end: faults are undone, and nothing more is printed. As JSON each round is
 * one document on a line of its own: the report, or `{error}` for a file with mistakes.
 */
export async function runScenarioWatch(
  options: ScenarioRunOptions,
  context: CommandContext,
): Promise<void> {
  try {
    await watch(options, context);
  } catch (error) {
    const isStop = error instanceof Error && error.name === 'AbortError';
    if (!isStop || !context.signal.aborted) throw error;
  }
}

async function watch(options: ScenarioRunOptions, context: CommandContext): Promise<never> {
  const { output, signal } = context;
  using progress = await output.progress();
  await using sites = new SharedSites({ ...options, context, progress });
  for (let isFirst = true; ; isFirst = false) {
    const seen = await fingerprint(options.names);
    await playOnce({ options, context, sites, progress }, isFirst);
    signal.throwIfAborted();
    progress.update('waiting for a file to be saved (Ctrl-C ends it)');
    if (!context.terminal.err.isLive) output.hint('Waiting for a file to be saved.');
    await untilSaved(seen, options.names, context);
    progress.stop();
  }
}

/** A mistake in a file is shown, and corrected in the editor; one on the command line is not. */
async function playOnce(playing: Playing, isFirst: boolean): Promise<void> {
  const { options, context, sites, progress } = playing;
  const { output, signal } = context;
  try {
    const targets = parseReportTargets(options.reports);
    await requireFiles(targets);
    const loaded = await loadPlayable(options, context);
    const round = await playRound(loaded, playing);
    progress.stop();
    output.item(round.report, () => `\n${round.text}\n`);
    if (!round.results.every(isPlayed)) await sites.renew();
    await saveReports(round, targets, context);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WonderlandError) || (isFirst && error.exit === USAGE)) throw error;
    progress.stop();
    tell(error, context);
  }
}

function tell(error: WonderlandError, { output, spell, globals, terminal }: CommandContext): void {
  const { code, message, details } = error;
  const { verbose } = globals;
  const { columns } = terminal.err;
  if (output.json) output.item({ error: { code, message, details } }, () => message);
  else output.note(failureText(error, { verbose, paint: output.paintNote, spell, columns }));
}

/** Resolves when something has changed and rested for a moment: some editors write twice. @throws AbortError */
async function untilSaved(
  before: string,
  names: readonly string[],
  { clock, signal }: CommandContext,
): Promise<void> {
  let last = before;
  for (;;) {
    signal.throwIfAborted();
    await clock.sleep(LOOK_EVERY_MS, signal);
    const now = await fingerprint(names);
    if (now !== before && now === last) return;
    last = now;
  }
}

/** Names, sizes and times of all files that are played; a file that is gone for a moment is part of it. */
async function fingerprint(names: readonly string[]): Promise<string> {
  const entries = await findScenarios(names, workingDirectory()).catch(() => []);
  const marks = entries.map(async ({ path: file }) => {
    const found = await stat(file).catch(() => undefined);
    return `${file} ${found?.size} ${found?.mtimeMs} ${found?.ino}`;
  });
  return (await Promise.all(marks)).join('\n');
}
