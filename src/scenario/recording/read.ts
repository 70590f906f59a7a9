/** Reads a recording back: checked line by line, and with its plan made again. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import { messageOf, UserError } from '../../kernel/errors.ts';
import { formatProblem, parseScenario } from '../language/parse.ts';
import { planOf, type Plan } from '../plan.ts';
import { parseLine, RunHead } from './line-schema.ts';
import { FORMAT, type Line, type RunLine } from './lines.ts';
import type { Recording } from './recording.ts';

/** A line holds at most what was seen of a thousand orders. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;
const MAX_LINES = 3_000_000;
const NEWLINE = 10;

const HINT = 'A recording is the run.ndjson that `wonderland scenario run` leaves behind.';

/**
 * Reads a file to its end. A last line that was cut off, as by a kill, is a flaw that is told.
 * @throws UserError `invalid-recording` when it is no recording, or of a format that is not known here.
 */
export async function readRecording(path: string): Promise<Recording> {
  const lines: Line[] = [];
  const flaws: string[] = [];
  for await (const { bytes, isWhole } of rawLines(path)) {
    const number = lines.length + 1;
    if (number > MAX_LINES) throw invalid(path, `it has more than ${MAX_LINES} lines`);
    const parsed = parse(path, bytes.toString('utf8'), number);
    if ('line' in parsed) lines.push(parsed.line);
    else if (isWhole || number === 1)
      throw invalid(path, number === 1 ? parsed.problem : `line ${number}: ${parsed.problem}`);
    else flaws.push('Its last line is cut off: the program that played the run was ended.');
  }
  const [run] = lines;
  if (run?.kind !== 'run') throw invalid(path, 'it does not begin with a run');
  if (lines.at(-1)?.kind !== 'end') flaws.push('It has no end: the run was not played to its end.');
  return { run, plan: planAgain(path, run), lines, flaws };
}

function parse(path: string, text: string, number: number): { line: Line } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own words would repeat the file, and it may be anything.
    return { problem: number === 1 ? 'its first line is not JSON of a run' : 'it is not JSON' };
  }
  if (number === 1) refuseOtherFormats(path, value);
  try {
    return { line: parseLine(value) };
  } catch (error) {
    return { problem: messageOf(error).slice(0, 500) };
  }
}

function refuseOtherFormats(path: string, value: unknown): void {
  const head = RunHead.safeParse(value);
  if (!head.success) throw invalid(path, 'it does not begin with a run');
  if (head.data.format === FORMAT) return;
  throw new UserError(
    'invalid-recording',
    `${path} has format ${head.data.format}, and this version reads ${FORMAT}`,
    { hint: 'Read it with the version of wonderland that wrote it, or record the run again.' },
  );
}

/** The plan of a run, from what its first line says. */
function planAgain(path: string, { file, text, variables, seed, title }: RunLine): Plan {
  const result = parseScenario({ file, text, overrides: variables, seed, repeat: 1 });
  if (!result.ok) {
    const [first] = result.problems;
    const problem = first === undefined ? 'it has problems' : formatProblem(first);
    throw invalid(path, `its scenario is not understood by this version: ${problem}`);
  }
  const [parsed, ...others] = result.runs;
  if (parsed === undefined || others.length > 0) {
    throw invalid(path, 'its variables do not tell which run of the matrix it was');
  }
  return { ...planOf(parsed), title };
}

async function* rawLines(path: string): AsyncGenerator<{ bytes: Buffer; isWhole: boolean }> {
  let parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunksOf(path)) {
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      yield { bytes: Buffer.concat([...parts, chunk.subarray(start, at)]), isWhole: true };
      parts = [];
      size = 0;
      start = at + 1;
    }
    parts.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_LINE_BYTES) throw invalid(path, 'it has a line that is too long');
  }
  if (size > 0) yield { bytes: Buffer.concat(parts), isWhole: false };
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  try {
    // A pipe that nobody writes to would be waited for for ever.
    if (!(await stat(path)).isFile()) throw new TypeError('it is no regular file');
    for await (const chunk of createReadStream(path)) yield chunk as Buffer;
  } catch (error) {
    throw new UserError('invalid-recording', `${path} cannot be read: ${messageOf(error)}`, {
      hint: HINT,
      cause: error,
    });
  }
}

function invalid(path: string, why: string): UserError {
  return new UserError('invalid-recording', `${path} is no recording of a run: ${why}`, {
    hint: HINT,
  });
}
