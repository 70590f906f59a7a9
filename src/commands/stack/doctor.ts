/** The body of `wonderland doctor`. */
import { UserError } from '../../kernel/errors.ts';
import { diagnose, type Finding } from '../../stack/diagnosis.ts';
import type { CommandContext } from '../context.ts';
import type { Paint, Tone } from '../palette.ts';

const MARKS = {
  ok: ['✔', 'good'],
  warning: ['!', 'warning'],
  problem: ['✖', 'bad'],
} as const satisfies Record<Finding['outcome'], readonly [string, Tone]>;

const NAME_WIDTH = 18;

/** @throws UserError `environment` after the report, when there is a problem */
export async function runDoctor(context: CommandContext): Promise<void> {
  const { output } = context;
  const findings = await diagnose(await context.settings());
  const problems = findings.filter(({ outcome }) => outcome === 'problem');
  const text = findings.map((finding) => describe(finding, output.paint)).join('\n');
  if (problems.length === 0) {
    output.result({ findings }, () => `${text}\n\nEverything is well.`);
    return;
  }
  output.text(text);
  const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  throw new UserError(
    'environment',
    `${count} found: ${problems.map(({ name }) => name).join(', ')}`,
    {
      hint: 'Each has its fix beside it.',
      details: { findings },
    },
  );
}

/** What follows a finding's first line stands below that, not below its name. */
export function describe({ name, outcome, detail, fix }: Finding, paint: Paint): string {
  const [mark, tone] = MARKS[outcome];
  const lines = [...detail.split('\n'), ...(fix === undefined ? [] : [`→ ${fix}`])];
  const text = lines.map((line) => line.trim()).join(`\n${' '.repeat(NAME_WIDTH + 3)}`);
  return `${paint(tone, mark)} ${name.padEnd(NAME_WIDTH)} ${text}`;
}
