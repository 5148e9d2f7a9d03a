import type { Action, ObjectCommand } from './command.ts'

/** The programs that are completed. */
export const completedPrograms = ['luna', 'lpower', 'lchroot'] as const

/** What the shells have in common: `luna complete` prints a line for each word, a tab and its meaning behind it, and directives with a colon. */
const bash = `# completion of ${completedPrograms.join(', ')} in bash; printed by: luna completion bash
# shellcheck shell=bash
_luna_complete() {
  local line cur=\${COMP_WORDS[COMP_CWORD]}
  [ "$cur" != = ] || cur=
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :nospace) compopt -o nospace 2>/dev/null ;;
      :directories) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
      :files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
      *) COMPREPLY+=("\${line%%$'\\t'*}") ;;
    esac
  done < <(luna complete -- "\${1##*/}" "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _luna_complete ${completedPrograms.join(' ')}
`

const zsh = `#compdef ${completedPrograms.join(' ')}
# completion in zsh; printed by: luna completion zsh
_luna() {
  local line word
  local -a found suffix
  for line in "\${(@f)$(luna complete -- "\${words[1]:t}" "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}"; do
    case $line in
      '') ;;
      :nospace) suffix=(-S '') ;;
      :directories) _files -/ ;;
      :files) _files ;;
      *)
        word=\${\${line%%$'\\t'*}//:/\\\\:}
        [[ $line == *$'\\t'* ]] && word+=:\${line#*$'\\t'}
        found+=("$word")
        ;;
    esac
  done
  (( $#found )) && _describe word found "\${suffix[@]}"
}
if [[ $funcstack[1] == _luna ]]; then _luna "$@"; else compdef _luna ${completedPrograms.join(' ')}; fi
`

const fish = `# completion of ${completedPrograms.join(', ')} in fish; printed by: luna completion fish
function __luna_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    for line in (luna complete -- (string replace -r '.*/' '' -- $words[1]) $words[2..] "$typed" 2>/dev/null)
        switch $line
            case :nospace
            case :directories
                __fish_complete_directories "$typed"
            case :files
                __fish_complete_path "$typed"
            case '*'
                echo $line
        end
    end
end
${completedPrograms.map(name => `complete -c ${name} -f -a '(__luna_complete)'`).join('\n')}
`

export const completionScripts = { bash, zsh, fish } as const

const print = (shell: keyof typeof completionScripts): Action => ({
  name: shell,
  summary: `print the script that completes commands in ${shell}`,
  reads: true,
  run: async ({ io }) => io.print(completionScripts[shell]),
})

export const completion: ObjectCommand = {
  name: 'completion',
  summary: 'Words that the Tab key completes, with names from the cluster',
  actions: [print('bash'), print('zsh'), print('fish')],
}
