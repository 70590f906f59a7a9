/** Tells the stories of a run's orders from its recording. Pure. */
import type { Plan } from '../../plan.ts';
import type { Line, PassageLine } from '../../recording/lines.ts';
import { linesOf, passagesOf } from '../../recording/recording.ts';
import { answersOf, hopsOf } from './hops.ts';
import { passageMarks, stackMarks, statusMarks } from './marks.ts';
import { BUYER, startOf, type Hop, type Mark, type Scene, type Story } from './story.ts';

/** Reads the lines once; each order is told when it is asked for. */
export class Stories {
  readonly #plan: Plan;
  readonly #lines: readonly Line[];
  readonly #passages = new Map<string, PassageLine[]>();
  readonly #stack: readonly Mark[];

  constructor({ plan, lines }: { readonly plan: Plan; readonly lines: readonly Line[] }) {
    this.#plan = plan;
    this.#lines = lines;
    for (const passage of passagesOf(lines)) {
      const { order } = passage;
      if (order === undefined) continue;
      const known = this.#passages.get(order);
      if (known === undefined) this.#passages.set(order, [passage]);
      else known.push(passage);
    }
    this.#stack = stackMarks(lines);
  }

  /** Nothing is told of an order that left no trace. */
  of(order: string): Story {
    const passages = this.#passages.get(order) ?? [];
    const isOf = (line: { readonly order: string }): boolean => line.order === order;
    const own: Scene[] = [
      ...hopsOf(passages),
      ...answersOf(linesOf(this.#lines, 'placed').filter(isOf)),
      ...this.#mails(order),
      ...passageMarks(this.#plan, passages),
      ...statusMarks(linesOf(this.#lines, 'entry').filter(isOf)),
    ];
    return { order, scenes: sorted([...own, ...during(own, this.#stack)]) };
  }

  #mails(order: string): Hop[] {
    const seen = linesOf(this.#lines, 'seen').at(-1)?.seen;
    const id = seen?.orders.find(({ name }) => name === order)?.detail?.id;
    if (seen === undefined || id === undefined) return [];
    return seen.mails
      .filter(({ orderId }) => orderId === id)
      .map(({ sentAt, subject }) => {
        const atMs = sentAt - seen.startedAt;
        const way = { from: 'notification', to: BUYER, sentAtMs: atMs, arrivedAtMs: atMs };
        return { kind: 'hop', message: `✉ ${subject}`, ...way, fate: 'arrived' };
      });
  }
}

function sorted(scenes: readonly Scene[]): Scene[] {
  return scenes.toSorted((a, b) => startOf(a) - startOf(b));
}

/** What was done to the stack while the order was on its way. */
function during(own: readonly Scene[], stack: readonly Mark[]): Mark[] {
  const first = own.reduce((least, scene) => Math.min(least, startOf(scene)), Infinity);
  const last = own.reduce((most, scene) => Math.max(most, endOf(scene)), -Infinity);
  return stack.filter(({ atMs }) => atMs >= first && atMs <= last);
}

function endOf(scene: Scene): number {
  return scene.kind === 'hop' ? (scene.arrivedAtMs ?? scene.sentAtMs) : scene.atMs;
}
