/** The text of a scenario file as YAML: where each value stands, so that every problem has a line and a column. */
import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document, Node, Scalar, YAMLError } from 'yaml';

import { messageOf } from '../../kernel/errors.ts';

/** Keys and indexes from the top of the file to a value. */
export type SourcePath = readonly PropertyKey[];

/** What is wrong with a file, and where. Line and column count from 1. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Scenario files are small; a bigger one is a mistake. */
const MAX_CHARACTERS = 262_144;

/** What the parser says of `>= 1` and `> 1` without quotes, which begin a block of text in YAML. */
const BARE_COMPARISON =
  /^(?:Plain value cannot start with block scalar indicator >|Block scalar header includes extra characters: >|Not a YAML token: =?\s*\d)/;

/** A file may hold anything, and its words are shown on a terminal. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

export class Source {
  readonly file: string;
  readonly #lines = new LineCounter();
  readonly #document: Document;
  readonly #tooLong: boolean;

  /** @param file how the file is named in problems. */
  constructor(file: string, text: string) {
    this.file = file;
    this.#tooLong = text.length > MAX_CHARACTERS;
    const head = this.#tooLong ? '' : text;
    this.#document = parseDocument(head, { lineCounter: this.#lines, prettyErrors: false });
  }

  /** What keeps the text from being YAML at all. */
  syntaxProblems(): Problem[] {
    if (this.#tooLong)
      return [this.#problem(0, `the file is longer than ${MAX_CHARACTERS} characters`)];
    const { errors, warnings, contents } = this.#document;
    const found = [...errors, ...warnings].map((each) =>
      this.#problem(each.pos[0], inOurWords(each)),
    );
    if (found.length === 0) found.push(...this.#aliasProblems());
    if (found.length === 0 && !isMap(contents)) {
      found.push(
        this.#problem(0, 'a scenario file is a mapping that begins with "scenario: name"'),
      );
    }
    return found;
  }

  /** Aliases that lead nowhere, in a circle, or to more than fits into memory show only when they are followed. */
  #aliasProblems(): Problem[] {
    try {
      JSON.stringify(this.#document.toJS());
      return [];
    } catch (error) {
      const [reason = ''] = messageOf(error).split('\n');
      return [this.#problem(0, `the aliases (*name) cannot be followed: ${reason}`)];
    }
  }

  /** The file as plain data. */
  value(): unknown {
    return this.#document.toJS();
  }

  /** The value at a path, or undefined. */
  at(path: SourcePath): unknown {
    const node = this.#find(path)?.value;
    return isNode(node) ? node.toJS(this.#document) : undefined;
  }

  /** Rewrites every piece of text, keys included; problems stand where the text stands. */
  replaceText(replace: (text: string) => { value: unknown; problem?: string }): Problem[] {
    const problems: Problem[] = [];
    for (const scalar of scalarsOf(this.#document.contents)) {
      if (typeof scalar.value !== 'string') continue;
      const { value, problem } = replace(scalar.value);
      scalar.value = value;
      if (problem !== undefined) problems.push(this.#problem(scalar.range?.[0] ?? 0, problem));
    }
    return problems;
  }

  /** A problem with the value at a path, or with one key of it. A path that leads nowhere means its nearest parent. */
  problem(path: SourcePath, message: string, key?: string): Problem {
    const exact = this.#find(key === undefined ? path : [...path, key]);
    const start = key === undefined ? exact?.value : exact?.key;
    if (isNode(start)) return this.#problem(start.range?.[0] ?? 0, message);
    return path.length === 0 ? this.#problem(0, message) : this.problem(path.slice(0, -1), message);
  }

  #problem(offset: number, message: string): Problem {
    const { line, col } = this.#lines.linePos(offset);
    return {
      file: this.file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      message: message.replaceAll(CONTROL, '\uFFFD'),
    };
  }

  #find(path: SourcePath): { key?: unknown; value: unknown } | undefined {
    let found: { key?: unknown; value: unknown } = { value: this.#document.contents };
    for (const part of path) {
      const parent = isAlias(found.value) ? found.value.resolve(this.#document) : found.value;
      const child = childOf(parent, part);
      if (child === undefined) return undefined;
      found = child;
    }
    return found;
  }
}

/** The library speaks to programmers, and of YAML; these are the mistakes that are made in scenarios. */
function inOurWords({ code, message }: Pick<YAMLError, 'code' | 'message'>): string {
  if (code === 'MULTIPLE_DOCS') return 'a scenario file is one document: remove the second "---"';
  return BARE_COMPARISON.test(message) ? `${message}. Quote comparisons, such as ">= 1"` : message;
}

function childOf(
  parent: unknown,
  part: PropertyKey,
): { key?: unknown; value: unknown } | undefined {
  if (isSeq(parent)) return typeof part === 'number' ? { value: parent.items[part] } : undefined;
  if (!isMap(parent)) return undefined;
  return parent.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(part));
}

function* scalarsOf(node: unknown): Generator<Scalar> {
  if (isScalar(node)) yield node;
  else if (isPair(node)) {
    yield* scalarsOf(node.key);
    yield* scalarsOf(node.value);
  } else if (isMap(node) || isSeq(node)) {
    for (const item of node.items as Node[]) yield* scalarsOf(item);
  }
}
