/** A story of its own about one kind of trouble, played in a running shop. */
import type { Violation } from '../checks/violation.ts';
import type { Shop } from '../load/sale.ts';
import type { Visitor } from '../stack/visitor.ts';

export interface CaseStage extends Shop {
  readonly visitor: Visitor;
  readonly seed: number;
  /** The real durations instead of short ones that show the same. */
  readonly isLong: boolean;
  readonly print: (text: string) => void;
}

export interface Case {
  readonly name: string;
  readonly about: string;
  readonly play: (stage: CaseStage) => Promise<readonly Violation[]>;
}
