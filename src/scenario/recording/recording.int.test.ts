import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { recordedLines } from '../../../test/support/recorded-run.ts';
import { messageOf } from '../../kernel/errors.ts';
import { liveClock } from '../../kernel/live.ts';
import { judgeRecording } from './check.ts';
import { readRecording } from './read.ts';
import { openRecordingFile } from './write.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'recording-'));
});
afterEach(() => rm(directory, { recursive: true }));

const at = (name: string): string => path.join(directory, name);

async function written(): Promise<string> {
  const problems: string[] = [];
  const file = await openRecordingFile(at('new/run.ndjson'), {
    clock: liveClock,
    onProblem: (message) => problems.push(message),
  });
  for (const line of recordedLines()) file.write(line);
  await file[Symbol.asyncDispose]();
  expect(problems).toEqual([]);
  return file.path;
}

test('what is written is read back with its plan, and judged as it was', async () => {
  const recording = await readRecording(await written());
  expect(recording.lines).toEqual(JSON.parse(JSON.stringify(recordedLines())));
  expect(recording.flaws).toEqual([]);
  expect(recording.plan.name).toBe('x');
  const { recorded, differences, play } = judgeRecording(recording);
  expect([recorded, play.verdict, differences]).toEqual(['passed', 'passed', []]);
});

test('a last line that a kill cut off is told, and the rest is read', async () => {
  const whole = await readFile(await written(), 'utf8');
  await writeFile(at('cut.ndjson'), whole.slice(0, -20));
  const recording = await readRecording(at('cut.ndjson'));
  expect(recording.lines).toHaveLength(recordedLines().length - 1);
  expect(recording.flaws.join(' ')).toMatch(/cut off.*no end/);
  expect(judgeRecording(recording).play.verdict).not.toBe('passed');
});

test('a verdict that the recording contradicts is told', async () => {
  const lines = recordedLines().map((line) =>
    line.kind === 'seen' ? { ...line, seen: { ...line.seen, mails: [] } } : line,
  );
  await writeFile(at('run.ndjson'), lines.map((line) => JSON.stringify(line)).join('\n') + '\n');
  const { play, recorded, differences } = judgeRecording(await readRecording(at('run.ndjson')));
  expect([recorded, play.verdict]).toEqual(['passed', 'failed']);
  expect(differences.join()).toContain('customer-told');
});

test('an end of which nothing was seen proves nothing', async () => {
  const lines = recordedLines().filter(({ kind }) => kind !== 'seen');
  await writeFile(at('run.ndjson'), lines.map((line) => JSON.stringify(line)).join('\n') + '\n');
  const { play } = judgeRecording(await readRecording(at('run.ndjson')));
  expect(play.verdict).toBe('inconclusive');
});

test('a time that no calendar has is refused', async () => {
  const [run] = recordedLines();
  await writeFile(at('run.ndjson'), `${JSON.stringify({ ...run, startedAt: 1e300 })}\n`);
  await expect(readRecording(at('run.ndjson'))).rejects.toThrow('startedAt');
});

test.each([
  ['', 'does not begin with a run'],
  ['no json\n', 'not JSON'],
  ['{"kind":"run","format":99}\n', 'format 99'],
])('a file that is no recording is refused: %j', async (text, why) => {
  await writeFile(at('other'), text);
  await expect(readRecording(at('other'))).rejects.toThrow(why);
});

test('a folder that cannot be made costs one warning, and no error', async () => {
  await writeFile(at('file'), '');
  const problems: string[] = [];
  const file = await openRecordingFile(at('file/run.ndjson'), {
    clock: liveClock,
    onProblem: (message) => problems.push(message),
  });
  for (const line of recordedLines()) file.write(line);
  await file[Symbol.asyncDispose]();
  expect(problems).toHaveLength(1);
});

test('what stands in a file that is no recording does not reach the terminal', async () => {
  await writeFile(at('binary'), Buffer.from('\u001B]0;owned\u0007\u0000{"a":\n'));
  const refused = await readRecording(at('binary')).catch((error: unknown) => messageOf(error));
  expect(refused).toBe(
    `${at('binary')} is no recording of a run: its first line is not JSON of a run`,
  );
});

test('a pipe is refused, and nobody waits for it', { timeout: 5_000 }, async () => {
  execFileSync('mkfifo', [at('pipe')]);
  await expect(readRecording(at('pipe'))).rejects.toThrow('it is no regular file');
});
