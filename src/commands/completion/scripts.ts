/** Completion scripts: each hands the words to `wonderland __complete` and shows what it prints. */

export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

/** Candidates arrive one in a line, with a tab and a description where there is one. */
const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# wonderland completion for bash
_wonderland() {
  local IFS=$'\\n'
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=($(wonderland __complete -- "\${words[@]}" 2>/dev/null | cut -f1))
}
complete -o default -F _wonderland wonderland
`,
  zsh: `#compdef wonderland
# wonderland completion for zsh
_wonderland() {
  local -a candidates
  local line
  for line in "\${(@f)$(wonderland __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    [[ -n $line ]] && candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( \${#candidates} )) && _describe wonderland candidates || _files
}
if [[ $funcstack[1] == _wonderland ]]; then _wonderland "$@"; else compdef _wonderland wonderland; fi
`,
  fish: `# wonderland completion for fish
function __wonderland_complete
  set -l words (commandline -opc) (commandline -ct)
  wonderland __complete -- $words[2..-1] 2>/dev/null
end
complete -c wonderland -f -a '(__wonderland_complete)'
`,
  powershell: `# wonderland completion for PowerShell
Register-ArgumentCompleter -Native -CommandName wonderland -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($wordToComplete -eq '') { $words += '' }
  wonderland __complete -- @words 2>$null | ForEach-Object {
    $value, $about = $_ -split "\`t", 2
    if (-not $about) { $about = $value }
    [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $about)
  }
}
`,
};

export function completionScript(shell: Shell): string {
  return SCRIPTS[shell];
}
