/** `wonderland fault`: faults that are set by hand on a running stack, for every order. */
import type { Command } from 'commander';

import { duration, wholeNumber } from './arguments.ts';
import type { CommandContext } from './context.ts';
import type { FaultSetFlags } from './fault/input.ts';
import { withExamples } from './help.ts';

export function register(program: Command, context: CommandContext): void {
  const fault = program
    .command('fault')
    .description('Let something go wrong on the running stack, by hand, for every order.');
  registerSet(fault, context);
  registerList(fault, context);
  registerClear(fault, context);
  withExamples(fault, [
    [
      'wonderland fault set payment.charge@handle --decline lost_card',
      'from now on cards are declined',
    ],
    ['wonderland fault list', 'what is armed, how often it fired, when it ends'],
    ['wonderland fault clear', 'the shop is itself again'],
  ]);
}

function registerSet(fault: Command, context: CommandContext): void {
  const set = fault
    .command('set')
    .description(
      'Arm one fault. It hits every order until it is cleared or its time is over (10m unless you say so).',
    )
    .argument('[place]', 'service.message@point, such as payment.charge@handle; * for all')
    .option('--decline <reason>', 'the part says no, for this reason')
    .option('--error <message>', 'handling fails with this message')
    .option('--delay <duration>', 'it goes on later: 2s, or 0s..50ms for anything between')
    .option('--drop', 'the message is lost, and nobody is told')
    .option('--duplicate <n>', 'it comes so many times', wholeNumber('--duplicate', 2, 21))
    .option(
      '--reorder <duration>',
      'each waits up to this long by itself, so that later ones overtake',
    )
    .option('--corrupt <what>', 'nobody can read it: json, body, type, version or properties')
    .option('--crash', 'the part is killed exactly there, once; its supervisor starts it again')
    .option('--nth <n>', 'the first message that is hit', wholeNumber('--nth', 1, 1_000_000))
    .option('--times <n>', 'how many are hit; all unless you say so')
    .option('--rate <share>', 'share of the messages that is hit, for example 20%')
    .option('--partition <part>', 'cut a part off from the broker (10s), instead of a place')
    .option('--skew <part>', 'let the clock of a part be wrong (1m), instead of a place')
    .option('--by <shift>', 'how wrong, with --skew: +10m or -30s')
    .option('--for <duration>', 'when it ends by itself; at most 1h, 10m without a place', duration)
    .action(async (place: string | undefined, flags: FaultSetFlags) => {
      const { runFaultSet } = await import('./fault/set.ts');
      await runFaultSet({ place, ...flags }, context);
    });
  withExamples(set, [
    ['wonderland fault set payment.charge@handle --decline lost_card', 'every card is declined'],
    ['wonderland fault set payment.charge@reply --drop --times 1', 'one answer gets lost'],
    ['wonderland fault set "*.*@deliver" --delay 0s..50ms', 'everything takes a moment'],
    ['wonderland fault set inventory.reserve@commit --crash', 'the part dies before it commits'],
    ['wonderland fault set --partition payment --for 10s', 'payment hears nothing for a while'],
    ['wonderland fault set --skew mediator --by +10m --for 1m', 'its clock is ten minutes fast'],
  ]);
}

function registerList(fault: Command, context: CommandContext): void {
  const list = fault
    .command('list')
    .description(
      'Show every armed fault with what it really does, how often it fired, and when it ends.',
    )
    .action(async () => {
      const { runFaultList } = await import('./fault/list.ts');
      await runFaultList(context);
    });
  withExamples(list, [['wonderland fault list', 'also those of scenarios that are being played']]);
}

function registerClear(fault: Command, context: CommandContext): void {
  const clear = fault
    .command('clear')
    .description('Disarm faults that were set by hand, and set clocks right.')
    .argument('[ids...]', 'only these; all that were set by hand when there are none')
    .action(async (ids: readonly string[]) => {
      const { runFaultClear } = await import('./fault/clear.ts');
      await runFaultClear({ ids }, context);
    });
  withExamples(clear, [
    ['wonderland fault clear', 'all that were set by hand'],
    ['wonderland fault clear h3f9a', 'one of them'],
  ]);
}
