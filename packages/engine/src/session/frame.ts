import type { CommandPart, Part } from './contract.ts'
import { bytesOf, contentBytes, printing, quoted } from './text.ts'
import { contentSize, IN_FRAME, writeText } from './write.ts'
import type { WriteText } from './write.ts'

/** A request as it is sent: one compound command, so that the shell has read all of it before it runs any of it. */
export interface Frame {
  readonly text: Buffer
  /** Parts whose content follows after the shell has said that it is ready for it. */
  readonly gates: ReadonlyMap<number, WriteText>
}

/**
 * Marks, each behind the request's nonce and on a line of its own. B begins a part, E ends it (stdout: with its code),
 * X ends the request, on both streams; R tells the process that runs it, P the process group of the part that runs, G that a content is waited for, T that it has come.
 *
 * The parts run one after another in a subshell in the background, the reporter: the shell itself reads on and can be told to
 * end them. `echo` says the marks because mksh has no builtin printf; `:` behind them takes the nonce out of bash's `$_`.
 */
export function frameOf(nonce: string, parts: readonly Part[], stopAtFailure: boolean): Frame {
  const gates = new Map<number, WriteText>()
  const isolated = isolation(nonce)
  const segments = [[]] as [string[], ...string[][]]
  let last: string[] = segments[0]
  parts.forEach((part, index) => {
    const begin = `if [ -z "$chaos_x$chaos_f${part.follows ? '' : '$chaos_h'}" ]; then echo ${nonce}B${index}; echo ${nonce}B${index} >&2`
    const end = `echo "${nonce}E${index} $chaos_r"; echo ${nonce}E${index} >&2${stopAtFailure ? failure(part) : ''}`
    if (part.kind === 'command') {
      last.push(`${begin}\n${commandText(part, isolated)}\nchaos_r=$?; ${end}\nfi`)
      return
    }
    const write = writeText(part, `${nonce.slice(-16)}${index}`, isolated)
    if (write.fill !== undefined) {
      last.push(`${begin}\n( ${write.prepare}\n${write.fill}\n${write.finish}\n) </dev/null; chaos_r=$?; ${end}\nfi`)
      return
    }
    gates.set(index, write)
    last.push(`${begin}\n( ${write.prepare}\n) </dev/null; chaos_r=$?; [ $chaos_r -eq 0 ] || { ${end}\n}\nfi\necho ${nonce}G${index}; echo ${nonce}G${index} >&2`)
    last = [`case $chaos_g in no) ;; *) echo ${nonce}T${index}
if [ $chaos_r -eq 0 ]; then ( ${write.finish}\n) </dev/null; chaos_r=$?; else rm -f -- ${quoted(bytesOf(write.temporary))}; fi; ${end};; esac`]
    segments.push(last)
  })
  last.push(`echo ${nonce}X; echo ${nonce}X >&2`)
  const writes = [...gates.values()]
  return { text: Buffer.from(`{ chaos_h=; wait $chaos_p 2>/dev/null\n${chain(nonce, segments, writes)}\n}\n`, 'latin1'), gates }
}

/** Whether a part's content follows after the frame. */
export function isGate(part: Part): boolean {
  return part.kind === 'write' && (!(part.content instanceof Uint8Array) || contentSize(part) > IN_FRAME)
}

/** Segments with the gates between them. A content that breaks off ends the shell: what would follow it must not run. */
function chain(nonce: string, [segment, ...rest]: readonly string[][], [write, ...writes]: readonly WriteText[]): string {
  const reporter = `( trap 'chaos_x=1' TERM; trap 'chaos_h=1' HUP; chaos_x= chaos_f=\n${segment?.join('\n') ?? ''}\n) & chaos_p=$!; chaos_is ${nonce}R $chaos_p`
  if (write === undefined) return reporter
  const temporary = quoted(bytesOf(write.temporary))
  return `${reporter}
chaos_gate; case $chaos_g in stop) ;; *)
chaos_r=0; case $chaos_g in go) head -c ${write.size} | ${write.receive}; chaos_r=$?
[ $chaos_r -ne 0 ] || [ "$(wc -c <${temporary})" -eq ${write.size} ] || { rm -f -- ${temporary}; exit 1; };; esac
${chain(nonce, rest, writes)};;
esac`
}

/** Not quite a failure where the engine says so: facts tell their codes. */
function failure(part: Part): string {
  const codes = part.kind === 'command' ? (part.exit ?? [0]) : [0]
  return codes.length === 0 ? '; chaos_f=1' : `; case $chaos_r in ${codes.join('|')}) ;; *) chaos_f=1;; esac`
}

function commandText(part: CommandPart, isolated: (command: string, stdin?: string) => string): string {
  const command = bytesOf(part.command.text)
  const stdin = part.stdin === undefined ? undefined : printing(contentBytes(part.stdin).toString('latin1'))
  if (part.trusted !== true) return isolated(command, stdin)
  const subshell = `( :; eval ${quoted(command)}\n)`
  return stdin === undefined ? `${subshell} </dev/null` : `${stdin} 2>/dev/null | ${subshell}`
}

/**
 * A sh of its own in a session of its own: `$$`, traps and `kill 0` are as in `sh -c`, and all of it can be ended by its group.
 * Its script comes through a pipe, never as an argument, which everybody sees and whose length is limited, and never as a heredoc,
 * which bash and mksh put in a file below /tmp. A quoted eval, so that its stdin is free for the content, by way of descriptor 3.
 */
function isolation(nonce: string): (command: string, stdin?: string) => string {
  return (command, stdin) => {
    const script = (from: string) => printing(`{ IFS= read -r chaos_i </proc/$$/stat; } 2>/dev/null; echo "${nonce}P $$ $chaos_i"; unset chaos_i; :; eval ${quoted(command)} ${from}\n`)
    if (stdin === undefined) return `${script('</dev/null')} | $chaos_s sh`
    return `${stdin} 2>/dev/null | { ${script('<&3 3<&-')} | $chaos_s sh; } 3<&0`
  }
}
