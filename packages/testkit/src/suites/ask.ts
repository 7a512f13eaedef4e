import { text } from 'node:stream/consumers'
import { sh } from '@chaos/core'
import type { Command, Connection, Process } from '@chaos/core'

/** What a command without input answers. */
export async function ask(connection: Connection, command: Command): Promise<{ stdout: string; stderr: string; code: number | null }> {
  const running = await connection.spawn(command)
  running.stdin.end()
  const [stdout, stderr, { code }] = await Promise.all([text(running.stdout), text(running.stderr), running.exit])
  return { stdout, stderr, code }
}

export async function drained(stream: Process['stdout']): Promise<void> {
  for await (const _ of stream) continue
}

/**
 * Says which of these processes still run after twenty seconds, each in a line, and `gone` when none does. The target's own table tells,
 * other users' processes included; a zombie that nobody collects is gone. Where there is no /proc a signal tells.
 */
export function left(pids: readonly string[]): Command {
  return sh`runs() {
      if [ -d /proc/self ]; then [ -d /proc/$1 ] && ! grep -q '^State:.*[ZX] ' /proc/$1/status 2>/dev/null
      else kill -s 0 $1 2>/dev/null; fi
    }
    i=0 all=gone
    for pid in ${pids}; do
      while runs $pid; do
        i=$((i+1)); [ $i -lt 200 ] || { all=; echo "$pid runs"; break; }
        sleep 0.1 2>/dev/null || sleep 1
      done
    done; [ -z "$all" ] || echo $all`
}
