/** The body of `wonderland up`: start detached or stay, show each part on its way, print where it answers. */
import { UserError } from '../../kernel/errors.ts';
import type { PartChoice } from '../../stack/part-plan.ts';
import type { PortChoice } from '../../stack/ports/plan.ts';
import { startStack, type StartOptions } from '../../stack/start-stack.ts';
import type { StackStatus } from '../../stack/stack-status.ts';
import type { CommandContext } from '../context.ts';
import { publicEndpoints, publicStatus } from './public-status.ts';
import { showStart } from './start-progress.ts';

export interface UpOptions extends PartChoice {
  readonly engine: string;
  readonly foreground?: boolean;
  readonly ports: Omit<PortChoice, 'stored'>;
  readonly timeoutMs: number;
}

/** @throws UserError as `startStack` */
export async function runUp(options: UpOptions, context: CommandContext): Promise<void> {
  const { clock, ids, signal } = context;
  const settings = await context.settings();
  const { engine, only, except, scale, ports, timeoutMs } = options;
  const parts = { only, except, scale };
  const start = { settings, engine, parts, ports, timeoutMs, clock, ids, signal };
  if (options.foreground === true) return stay(start, context);
  using progress = await showStart(settings.stack, context);
  const began = clock.elapsed();
  const { status, wasRunning, wasRescaled } = await startStack(start, progress);
  progress.stop();
  const isChange = only !== undefined || except !== undefined || ports.offset !== undefined;
  if (wasRunning && isChange) {
    const but = wasRescaled ? 'nothing but the scale' : 'nothing';
    context.output.warn(`it ran already: ${but} was changed`);
  }
  const ms = clock.elapsed() - began;
  const changed = wasRescaled ? `is scaled in ${seconds(ms)}` : 'runs already';
  const title = wasRunning ? changed : `is ready in ${seconds(ms)}`;
  report(status, { context, title, leftOut: except ?? [] });
}

/** Prints once it is ready, then waits for Ctrl-C or for `wonderland down` from elsewhere. */
async function stay(start: StartOptions, context: CommandContext): Promise<void> {
  const { runStack } = await import('../../stack/run-stack.ts');
  const { findRunningStack } = await import('../../stack/read-status.ts');
  const { settings, clock, signal } = start;
  if (findRunningStack(settings) !== undefined) {
    throw new UserError('usage', `The stack "${settings.stack}" runs already`, {
      hint: 'Stop it first: `wonderland down`.',
    });
  }
  using progress = await showStart(settings.stack, context);
  const began = clock.elapsed();
  await using stack = await runStack(start, progress);
  context.forced.addEventListener('abort', () => void stack.forceStop());
  progress.stop();
  const title = `is ready in ${seconds(clock.elapsed() - began)}`;
  report(stack.status, { context, title, leftOut: start.parts.except ?? [] });
  const asked = new Promise((resolve) => signal.addEventListener('abort', resolve));
  await Promise.race([asked, stack.ended]);
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

interface ReportOptions {
  readonly context: CommandContext;
  readonly title: string;
  /** What the user wants to run by hand. */
  readonly leftOut: readonly string[];
}

function report(status: StackStatus, { context: { output }, ...options }: ReportOptions): void {
  const { title, leftOut } = options;
  output.result(publicStatus(status), () => {
    const {
      mediatorUrl,
      moreMediatorUrls = [],
      amqpUrl,
      databaseUrl,
    } = publicEndpoints(status) ?? {};
    const rows = [
      ['Shop', `${mediatorUrl}  (docs: ${mediatorUrl}/docs)`],
      ...moreMediatorUrls.map((url) => ['', `${url}  (the same shop)`]),
      ['AMQP', amqpUrl],
      ['PostgreSQL', databaseUrl],
    ].map(([name = '', value = '']) => `  ${output.paint('quiet', name.padEnd(11))} ${value}`);
    return [`${output.paint('good', '✔')} The stack "${status.name}" ${title}.`, ...rows].join(
      '\n',
    );
  });
  const which = status.name === 'default' ? '' : ` --stack ${status.name}`;
  const missing = leftOut.filter((name) => !status.parts.some((part) => part.name === name));
  const words = missing.map((name) => (name === 'mediator' ? name : `service ${name}`));
  const next = words.length === 0 ? ['order --book 42'] : words;
  output.hint(`Next: ${next.map((each) => `wonderland ${each}${which}`).join(' and ')}`);
}
