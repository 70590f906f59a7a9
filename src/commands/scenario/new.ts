/** Writes a new scenario file that passes as it is; asks for what flags do not say. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { createPromptModule } from 'inquirer';

import { workingDirectory } from '../../config/directories.ts';
import { UserError } from '../../kernel/errors.ts';
import { suggest } from '../../kernel/suggestion.ts';
import { ScenarioFile } from '../../scenario/language/language.ts';
import { parseScenarioOrThrow } from '../../scenario/language/parse.ts';
import type { CommandContext } from '../context.ts';
import { TEMPLATES, writeScenario, type Template } from './templates.ts';

export interface ScenarioNewOptions {
  readonly file: string | undefined;
  readonly name?: string | undefined;
  readonly kind?: string | undefined;
  readonly about?: string | undefined;
  readonly book?: number | undefined;
}

interface Answers {
  readonly name: string;
  readonly template: Template;
  readonly about: string;
  readonly book: number;
}

const SCHEMA = fileURLToPath(new URL('../../../docs/scenario.schema.json', import.meta.url));
const ENDING = /\.ya?ml$/;
const BOOK = 42;

/**
 * Never overwrites.
 * @throws UserError `input-missing` naming every flag that is needed where nobody can be asked; `usage` for a
 * value that cannot be, and for a file that is there already.
 */
export async function runScenarioNew(
  options: ScenarioNewOptions,
  context: CommandContext,
): Promise<void> {
  const { output } = context;
  // What is wrong is told before what is missing.
  if (options.kind !== undefined) templateOf(options.kind);
  if (options.file !== undefined) requireEnding(options.file);
  if (options.name !== undefined) checkName(options.name);
  if (options.about !== undefined) checkAbout(options.about);
  const given = { ...options, name: options.name ?? nameFrom(options.file) };
  const answers = isComplete(given) ? answersOf(given) : await ask(given, context);
  const { name, template, about, book } = answers;
  const directory = workingDirectory();
  const file = path.resolve(directory, options.file ?? path.join('scenarios', `${name}.yaml`));
  const shown = shownPath(file, directory);
  const text = writeScenario(template, { name, about, book, schema: schemaFor(file, directory) });
  parseScenarioOrThrow({ file: shown, text });
  await write(file, shown, text);
  output.result({ file: shown, scenario: name, kind: template.kind }, () => `✔ Written: ${shown}`);
  const again = options.file === undefined ? name : shown;
  output.hint(`Play it: wonderland scenario run ${again}`);
  output.hint(`Play it at each save: wonderland scenario run ${again} --watch`);
}

type Given = Omit<ScenarioNewOptions, 'file'>;
type Complete = { readonly [Key in keyof Given]-?: NonNullable<Given[Key]> };

function isComplete(given: Given): given is Complete {
  return missingFlags(given).length === 0;
}

function missingFlags({ name, kind, about, book }: Given): string[] {
  return Object.entries({ name, kind, about, book })
    .filter(([, value]) => value === undefined)
    .map(([flag]) => `--${flag}`);
}

function answersOf({ name, kind, about, book }: Complete): Answers {
  return { name: checkName(name), template: templateOf(kind), about: checkAbout(about), book };
}

/** @throws ExitPromptError (of inquirer) on Ctrl-C: nothing was written. */
async function ask(given: Given, context: CommandContext): Promise<Answers> {
  const missing = missingFlags(given);
  if (!context.terminal.canAsk || context.output.json) {
    throw new UserError(
      'input-missing',
      `There is no terminal to ask on: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing`,
      {
        hint: 'For example: wonderland scenario new --name lost-answer --kind lost-reply --about "Nobody pays twice." --book 42',
        details: { missing, kinds: TEMPLATES.map(({ kind }) => kind) },
      },
    );
  }
  const { createPromptModule: openPrompt } = await import('inquirer');
  const { stdin: input, stderr } = context.streams;
  const prompt = openPrompt({ input, output: stderr });
  const template = given.kind === undefined ? await askKind(prompt) : templateOf(given.kind);
  const name =
    given.name === undefined
      ? await askText(prompt, NAME, `my-${template.kind}`)
      : checkName(given.name);
  const about =
    given.about === undefined
      ? await askText(prompt, ABOUT, template.about)
      : checkAbout(given.about);
  return { name, template, about, book: given.book ?? (await askBook(prompt)) };
}

type Prompt = ReturnType<typeof createPromptModule<never>>;

/** What is asked for as text, and what is wrong with an answer. */
interface TextQuestion {
  readonly message: string;
  readonly problemOf: (text: string) => string | undefined;
}

const NAME: TextQuestion = { message: 'What is it called?', problemOf: nameProblem };
const ABOUT: TextQuestion = {
  message: 'What does it show, in a sentence?',
  problemOf: aboutProblem,
};

async function askKind(prompt: Prompt): Promise<Template> {
  const { kind } = await prompt<{ kind: Template }>([
    {
      type: 'select',
      name: 'kind',
      message: 'What do you want to try?',
      choices: TEMPLATES.map((each) => ({ value: each, name: each.title, short: each.kind })),
    },
  ]);
  return kind;
}

async function askText(
  prompt: Prompt,
  { message, problemOf }: TextQuestion,
  proposal: string,
): Promise<string> {
  const { text } = await prompt<{ text: string }>([
    {
      type: 'input',
      name: 'text',
      message,
      default: proposal,
      validate: (answer: string) => problemOf(answer) ?? true,
    },
  ]);
  return text;
}

async function askBook(prompt: Prompt): Promise<number> {
  const { book } = await prompt<{ book: number | undefined }>([
    { type: 'number', name: 'book', message: 'The number of the book?', default: BOOK, min: 1 },
  ]);
  return book ?? BOOK;
}

function checkName(name: string): string {
  const problem = nameProblem(name);
  if (problem === undefined) return name;
  throw new UserError('usage', `--name: ${problem}`, { hint: 'For example: --name lost-answer' });
}

function checkAbout(about: string): string {
  const problem = aboutProblem(about);
  if (problem === undefined) return about;
  throw new UserError('usage', `--about: ${problem}`);
}

/** As the language has it. */
function nameProblem(name: string): string | undefined {
  return ScenarioFile.shape.scenario.safeParse(name).error?.issues[0]?.message;
}

function aboutProblem(about: string): string | undefined {
  if (about.trim() === '') return 'a sentence is needed';
  return about.length > 500 ? 'this is longer than 500 characters' : undefined;
}

function templateOf(kind: string): Template {
  const found = TEMPLATES.find((each) => each.kind === kind);
  if (found !== undefined) return found;
  const kinds = TEMPLATES.map((each) => each.kind);
  throw new UserError('usage', `--kind knows no "${kind}"`, {
    hint: suggest(kind, kinds) ?? `Known: ${kinds.join(', ')}.`,
  });
}

function requireEnding(file: string): void {
  if (ENDING.test(file)) return;
  throw new UserError('usage', `A scenario file ends in .yaml, unlike "${file}"`, {
    hint: `Write ${file}.yaml`,
  });
}

function nameFrom(file: string | undefined): string | undefined {
  return file === undefined ? undefined : path.basename(file).replace(ENDING, '');
}

async function write(file: string, shown: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    throw new UserError('usage', `${shown} is there already`, {
      hint: 'Choose another --name, or name another file.',
      cause,
    });
  }
}

function shownPath(file: string, directory: string): string {
  const relative = path.relative(directory, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : relative;
}

/** Relative where both move together: in a project that has Wonderland among its modules. */
function schemaFor(file: string, directory: string): string {
  const inProject = path.relative(directory, SCHEMA);
  if (inProject.startsWith('..') || path.isAbsolute(inProject)) return pathToFileURL(SCHEMA).href;
  return path.relative(path.dirname(file), SCHEMA).split(path.sep).join('/');
}
