/** Colours by meaning; chalk is loaded only when a stream wants colour. */

export type Tone =
  | 'good'
  | 'bad'
  | 'warning'
  | 'quiet'
  | 'strong'
  | 'accent'
  /** Tell neighbours apart, and mean nothing else. */
  | `series${1 | 2 | 3 | 4 | 5 | 6}`;

/** Paints text in a tone; without colour it is the text itself, so meaning never hangs on colour alone. */
export type Paint = (tone: Tone, text: string) => string;

export const plain: Paint = (_tone, text) => text;

/** @returns a painter for a stream that has colour or not. */
export async function openPaint(hasColour: boolean): Promise<Paint> {
  if (!hasColour) return plain;
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  const tones: Record<Tone, (text: string) => string> = {
    good: chalk.green,
    bad: chalk.red,
    warning: chalk.yellow,
    quiet: chalk.dim,
    strong: chalk.bold,
    accent: chalk.cyan,
    series1: chalk.cyan,
    series2: chalk.magenta,
    series3: chalk.yellow,
    series4: chalk.blue,
    series5: chalk.green,
    series6: chalk.gray,
  };
  return (tone, text) => tones[tone](text);
}
