/** docs/scenarios.md: people write it, and its reference is generated from the code that it is about. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import {
  corruptions,
  placesByPart,
  verbNotes,
  verbsAtParts,
  verbsAtPoints,
} from './scenario/faults.ts';
import { exitCodes, invariants, testCards, wordsOfOrders } from './scenario/judging.ts';
import { expectationKeys, faultKeys, fileKeys, stepKeys } from './scenario/keys.ts';
import { recordingLines } from './scenario/recording.ts';
import { fillSections, type Sections } from './sections.ts';

const PAGE = path.resolve(import.meta.dirname, '../../docs/scenarios.md');

const SECTIONS: Sections = {
  'file-keys': fileKeys,
  'step-keys': stepKeys,
  'test-cards': testCards,
  'fault-keys': faultKeys,
  'verbs-at-points': verbsAtPoints,
  'verb-notes': verbNotes,
  'verbs-at-parts': verbsAtParts,
  places: placesByPart,
  corruptions,
  'expectation-keys': expectationKeys,
  'order-words': wordsOfOrders,
  invariants,
  'exit-codes': exitCodes,
  'recording-lines': recordingLines,
};

/** @throws Error when a section and its place in the page do not match. */
export function scenariosPage(): string {
  return fillSections(readFileSync(PAGE, 'utf8'), SECTIONS);
}
