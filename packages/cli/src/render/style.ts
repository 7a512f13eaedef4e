import { styleText } from 'node:util'

type Format = Parameters<typeof styleText>[0]

export interface Style {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  blue(text: string): string
  cyan(text: string): string
}

/** Colours, or none. Whether there are any is decided by {@link coloured}; `styleText` would ask stdout alone. */
export function makeStyle(colour: boolean): Style {
  const as = (format: Format) => (text: string): string => {
    if (!colour || text === '') return text
    return styleText(format, text, { validateStream: false })
  }
  return { bold: as('bold'), dim: as('dim'), red: as('red'), green: as('green'), yellow: as('yellow'), blue: as('blue'), cyan: as('cyan') }
}

/** https://no-color.org and https://force-color.org; NO_COLOR wins. */
export function coloured(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  if (env['NO_COLOR']) return false
  const force = env['FORCE_COLOR']
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false'
  return stream.isTTY === true && env['TERM'] !== 'dumb'
}
