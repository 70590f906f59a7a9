/** What `--report junit=a.xml,html=b.html` asks for. */
import { stat } from 'node:fs/promises';
import path from 'node:path';

import { UserError } from '../../kernel/errors.ts';
import { suggest } from '../../kernel/suggestion.ts';

export const REPORT_KINDS = ['junit', 'html', 'json', 'ndjson'] as const;
export type ReportKind = (typeof REPORT_KINDS)[number];

export interface ReportTarget {
  readonly kind: ReportKind;
  /** As it was typed. */
  readonly file: string;
}

const ENDINGS: Readonly<Record<ReportKind, string>> = {
  junit: 'xml',
  html: 'html',
  json: 'json',
  ndjson: 'ndjson',
};

const HINT = 'Write for example: --report html=report.html,junit=report.xml';

/**
 * Targets of one or several texts, separated by commas. @throws UserError `usage` for a kind that does not
 * exist, a missing file, or one file that is to be two reports.
 */
export function parseReportTargets(texts: string | readonly string[]): ReportTarget[] {
  const words = [texts].flat().flatMap((text) => text.split(','));
  const targets = words.map((word) => targetOf(word.trim()));
  for (const [index, { kind, file }] of targets.entries()) {
    const other = targets.slice(0, index).find((each) => isSame(each.file, file));
    if (other === undefined) continue;
    throw new UserError(
      'usage',
      `--report writes ${other.kind} and ${kind} to the same file ${file}`,
      {
        hint: 'Give each report a file of its own.',
      },
    );
  }
  return targets;
}

/** Before anything is played for nothing. @throws UserError `usage` when a target is a folder. */
export async function requireFiles(targets: readonly ReportTarget[]): Promise<void> {
  for (const { kind, file } of targets) {
    const found = await stat(file).catch(() => undefined);
    if (found?.isDirectory() !== true && !/[/\\]$/.test(file)) continue;
    throw new UserError('usage', `--report ${kind}: ${file} is a folder, and a report is a file`, {
      hint: `Write for example: --report ${kind}=${path.join(file, `report.${ENDINGS[kind]}`)}`,
    });
  }
}

function isSame(one: string, other: string): boolean {
  return path.resolve(one) === path.resolve(other);
}

function targetOf(word: string): ReportTarget {
  const at = word.indexOf('=');
  const [kind, file] =
    at === -1 ? [word, ''] : [word.slice(0, at).trim(), word.slice(at + 1).trim()];
  const known = REPORT_KINDS.find((each) => each === kind);
  if (known === undefined) {
    const hint = suggest(kind, REPORT_KINDS);
    throw new UserError('usage', `--report knows no "${kind}"`, {
      hint: hint === undefined ? HINT : `${hint} ${HINT}`,
    });
  }
  if (file !== '') return { kind: known, file };
  throw new UserError('usage', `--report ${known} has no file`, { hint: HINT });
}
