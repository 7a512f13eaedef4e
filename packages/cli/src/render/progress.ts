import type { EngineEvent } from '@chaos/engine'
import stringWidth from 'fast-string-width'
import { escapeLine } from './escape.ts'
import type { Live } from './printer.ts'
import type { Style } from './style.ts'
import { count, hostName } from './words.ts'

/** What hosts do now, kept from the events. */
export interface Progress {
  handle(event: EngineEvent): void
  /** Lines to draw: at most `height`, each at most `width` wide. */
  frame(size: { width: number; height: number }): string[]
}

const SPINNER = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

export function makeProgress({ style, now = Date.now }: { style: Style; now?: () => number }): Progress {
  const running = new Map<string, { text: string; since: number }>()
  let total = 0
  let ended = 0
  let failed = 0
  const busy = (host: string, text: string): void => void running.set(host, { text, since: now() })
  return {
    handle(event) {
      switch (event.type) {
        case 'run.begin':
          total = event.hosts.length
          break
        case 'host.connect':
          busy(event.host, 'connecting')
          break
        case 'host.connected':
          busy(event.host, 'looking')
          break
        case 'plan':
          running.clear()
          break
        case 'operation.begin':
          busy(event.host, `${event.operation} ${escapeLine(event.title)}`)
          break
        case 'change.begin':
          busy(event.host, escapeLine(event.summary))
          break
        case 'guard':
          if (event.state === 'asking') busy(event.host, 'asking for access over a new connection')
          if (event.state === 'undoing') busy(event.host, 'taking back what shut us out')
          break
        case 'host.end':
          running.delete(event.host)
          ended++
          if (event.state === 'failed' || event.state === 'unreachable' || event.state === 'unknown') failed++
          total = Math.max(total, ended)
          break
        default:
      }
    },
    frame({ width, height }) {
      if (running.size === 0 && ended === 0) return []
      const spinner = style.cyan(SPINNER[Math.floor(now() / 83) % SPINNER.length] as string)
      // Who has been at it longest is what people wait for.
      const shown = [...running].toSorted(([, a], [, b]) => a.since - b.since).slice(0, Math.max(1, height - 1))
      const lines = shown.map(([host, { text, since }]) => {
        const seconds = Math.floor((now() - since) / 1000)
        const time = seconds > 1 ? ` ${seconds} s` : ''
        const name = escapeLine(hostName(host))
        return `${spinner} ${name} ${style.dim(fit(text, width - stringWidth(name) - time.length - 4))}${style.dim(time)}`
      })
      const more = running.size - shown.length
      if (total > 1) {
        const parts = [`${ended}/${count(total, 'host')}`, more > 0 && `${more} more at work`, failed > 0 && style.red(`${failed} failed`)]
        lines.push(`  ${parts.filter((part) => part !== false).join(style.dim(' · '))}`)
      }
      return lines
    },
  }
}

/** Cut to a width of the screen; wide characters count as two. */
function fit(text: string, width: number): string {
  if (stringWidth(text) <= width) return text
  let cut = ''
  for (const character of text) {
    if (stringWidth(cut + character) > width - 1) break
    cut += character
  }
  return width > 1 ? `${cut}…` : ''
}

/** Twelve frames a second are enough for an eye, and cost nothing. */
const FRAME = 83

/** Draws a progress at the bottom of stderr, which must be a terminal. */
export async function makeLive(progress: Progress, stream: NodeJS.WriteStream): Promise<Live> {
  const { createLogUpdate } = await import('log-update')
  const draw = createLogUpdate(stream)
  let timer: NodeJS.Timeout | undefined
  const tick = (): void => {
    const height = Math.min(10, Math.max(2, Math.floor((stream.rows || 24) / 3)))
    const lines = progress.frame({ width: stream.columns || 80, height })
    if (lines.length === 0) draw.clear()
    else draw(lines.join('\n'))
  }
  return {
    clear: () => draw.clear(),
    start() {
      timer ??= setInterval(tick, FRAME).unref()
    },
    stop() {
      clearInterval(timer)
      timer = undefined
      draw.clear()
      // Shows the cursor again.
      draw.done()
    },
  }
}
