/** Plays scenarios with the compiled program, on a stack of their own that may have a bug, and reads the report. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { execa } from 'execa';
import { z } from 'zod';

import { BugError } from '../../src/kernel/errors.ts';
import { liveClock as clock } from '../../src/kernel/live.ts';
import type { Bug } from './bugs.ts';

/** A scenario and what pins its matrix. */
export type Wanted = Pick<Bug, 'scenario' | 'variables'>;

export interface PlayOptions {
  readonly scenarios: readonly Wanted[];
  /** Absent: the shop as it is. */
  readonly bug?: Bug;
  /** Where recordings go: the user's own are left alone. */
  readonly stateDir: string;
  readonly signal: AbortSignal;
}

const Run = z.object({
  scenario: z.string(),
  title: z.string(),
  verdict: z.enum(['passed', 'failed', 'inconclusive']),
  checks: z.array(
    z.object({
      name: z.string(),
      isMet: z.boolean(),
      expected: z.string(),
      found: z.string(),
      orders: z.array(z.string()),
    }),
  ),
  recording: z.string().nullish(),
});
export type Run = z.infer<typeof Run>;
export type BrokenCheck = Run['checks'][number];

const Report = z.object({ scenarios: z.array(Run) });
const Passed = z.object({ status: z.literal('ok'), result: z.unknown() });
const Failed = z.object({
  status: z.literal('error'),
  error: z.object({ code: z.string(), message: z.string(), details: z.unknown() }),
});

export interface Played {
  readonly exitCode: number;
  readonly runs: readonly Run[];
  readonly tookMs: number;
}

const CLI = fileURLToPath(new URL('../../bin/wonderland.js', import.meta.url));
/** A program that takes longer hangs: the whole library takes some minutes. */
const LIMIT_MS = 1_800_000;

/** @throws BugError when the program ends without a report. */
export async function playScenarios(options: PlayOptions): Promise<Played> {
  const { scenarios, bug, stateDir, signal } = options;
  const startedAt = clock.elapsed();
  const variables = scenarios.flatMap((each) => Object.entries(each.variables ?? {}));
  const words = [
    'scenario',
    'run',
    ...new Set(scenarios.map((each) => each.scenario)),
    ...variables.flatMap(([name, value]) => ['--var', `${name}=${value}`]),
    '--isolated',
    '--json',
  ];
  const { exitCode, stdout, stderr } = await execa(process.execPath, [CLI, ...words], {
    env: { WONDERLAND_STATE_DIR: stateDir, ...(bug !== undefined && plantingOf(bug)) },
    reject: false,
    cancelSignal: signal,
    timeout: LIMIT_MS,
  });
  signal.throwIfAborted();
  const report = reportIn(stdout) ?? reportIn(stderr);
  if (report === undefined || exitCode === undefined) {
    throw new BugError(`wonderland ${words.join(' ')} told nothing: ${stderr.slice(-2_000)}`);
  }
  return { exitCode, runs: report.scenarios, tookMs: clock.elapsed() - startedAt };
}

/** What puts the bug into the processes of the stack: they inherit it. */
function plantingOf({ name, services, module }: Bug): Record<string, string> {
  const here = (file: string): string => new URL(file, import.meta.url).href;
  const right = here(`../../dist/${module}`);
  return {
    NODE_OPTIONS: `--import ${here('./plant.mjs')}`,
    CHAOS_PLANT: `${services.join(',')}=${right}=${here(`./${name}.ts`)}`,
  };
}

/** A document of its own when all went well; the last line of all that was said when not. */
function reportIn(output: string): z.infer<typeof Report> | undefined {
  const document = jsonIn(output) ?? jsonIn(output.trimEnd().split('\n').at(-1) ?? '');
  const { data: failed } = Failed.safeParse(document);
  const report = failed?.error.details ?? Passed.safeParse(document).data?.result;
  return Report.safeParse(report).data;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const Passage = z.object({
  kind: z.literal('passage'),
  what: z.string(),
  message: z.string(),
  point: z.string().optional(),
  order: z.string().optional(),
});

/** The last messages of an order, as its recording tells them: what a person reads to understand. */
export async function trailOf(recording: string, order: string, count: number): Promise<string[]> {
  const lines = (await readFile(recording, 'utf8')).trimEnd().split('\n');
  return lines
    .map((line) => Passage.safeParse(JSON.parse(line)).data)
    .filter((line) => line?.order === order)
    .slice(-count)
    .map((line) => `${line?.message} ${line?.point ?? line?.what}`);
}
