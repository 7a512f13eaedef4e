/** Shells that have a completion. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** What a shell reads to complete `chaos`: it asks `chaos __complete` at each tab, so that it never grows old. */
export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# chaos, for bash: eval "$(chaos completion bash)"
_chaos() {
  local found line
  # bash parts words at @ and : too; chaos is told where, and gives what comes behind.
  found=$(CHAOS_COMPLETE_LINE=\${COMP_LINE:0:COMP_POINT} CHAOS_COMPLETE_BREAKS=$COMP_WORDBREAKS chaos __complete 2>/dev/null) || return 0
  COMPREPLY=()
  if [ "$found" = :files ]; then
    compopt -o default 2>/dev/null
    return 0
  fi
  while IFS= read -r line; do
    [ -z "$line" ] || COMPREPLY+=("\${line%%$'\\t'*}")
  done <<<"$found"
  case \${COMPREPLY[0]-} in */ | *=) compopt -o nospace 2>/dev/null ;; esac
}
complete -F _chaos chaos
`,
  zsh: `#compdef chaos
# chaos, for zsh: eval "$(chaos completion zsh)"
_chaos() {
  local -a found values shown
  local line
  found=("\${(@f)$(chaos __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ $found[1] == :files ]]; then
    _files
    return
  fi
  for line in $found; do
    [[ -n $line ]] || continue
    values+=("\${line%%$'\\t'*}")
    if [[ $line == *$'\\t'* ]]; then shown+=("\${line%%$'\\t'*}  -- \${line#*$'\\t'}"); else shown+=("$line"); fi
  done
  (( $#values )) && compadd -l -d shown -a values
}
if (( $+functions[compdef] )); then compdef _chaos chaos
else autoload -Uz compinit && compinit && compdef _chaos chaos
fi
`,
  fish: `# chaos, for fish: chaos completion fish | source
function __chaos_complete
  set -l found (chaos __complete -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
  if test "$found[1]" = :files
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $found
  end
end
complete -c chaos -f -a '(__chaos_complete)'
`,
}
