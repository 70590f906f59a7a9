/** `wonderland completion <shell>`: a script that completes commands, flags and live values. */
import type { Command } from 'commander';

import { oneOf } from './arguments.ts';
import type { CommandContext } from './context.ts';
import { withExamples } from './help.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

export function register(program: Command, context: CommandContext): void {
  const completion = program
    .command('completion')
    .description('Print a script that completes commands, flags, services, books and orders.')
    .argument('<shell>', 'bash, zsh, fish or powershell', oneOf('completion', SHELLS))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { completionScript } = await import('./completion/scripts.ts');
      const script = completionScript(shell);
      context.output.result({ shell, script }, () => script);
    });
  withExamples(completion, [
    ['source <(wonderland completion bash)', 'for this shell; put it into ~/.bashrc for all'],
    ['wonderland completion zsh > "${fpath[1]}/_wonderland"', 'for zsh'],
    ['wonderland completion fish > ~/.config/fish/completions/wonderland.fish', 'for fish'],
    ['wonderland completion powershell | Out-String | Invoke-Expression', 'for PowerShell'],
  ]);
}
