import type { PathTouch, Touch } from '@chaos/core'

/** What is read or touched; `'everything'` where it was not said. */
export type Reach = readonly Touch[] | 'everything'

/** The symlinks this run knows of, from path to target. */
export type Links = ReadonlyMap<string, string>

/** Whether a change that touches `touched` may have altered what was read as `read`. */
export function meets(touched: Reach, read: Reach, links: Links): boolean {
  if (touched === 'everything') return read === 'everything' || read.length > 0
  if (read === 'everything') return touched.length > 0
  return touched.some((one) => read.some((other) => meet(one, other, links)))
}

function meet(touched: Touch, read: Touch, links: Links): boolean {
  if (touched.kind === 'named') {
    return read.kind === 'named' && touched.space === read.space && (touched.name === undefined || read.name === undefined || touched.name === read.name)
  }
  if (read.kind === 'named') return false
  // A path is reached as it is written and as it really is: replacing a symlink changes what lies behind its name.
  return placesOf(touched, links).some((one) => placesOf(read, links).some((other) => pathsMeet(one, touched.below, other, read.below)))
}

function pathsMeet(touched: string, touchedBelow: boolean, read: string, readBelow: boolean): boolean {
  if (touched === read) return true
  // Whatever happens to a folder happens to what is in it; creating or changing an entry leaves its folder's own entry as it was.
  if (touchedBelow && isBelow(read, touched)) return true
  return readBelow && isBelow(touched, read)
}

function isBelow(path: string, folder: string): boolean {
  return folder === '/' ? path !== '/' : path.startsWith(`${folder}/`)
}

function placesOf(touch: PathTouch, links: Links): string[] {
  const written = normalize(touch.path)
  const real = resolveLinks(written, links)
  return real === written ? [written] : [written, real]
}

/** A path without `//`, `/./` and a trailing slash. `..` is left to the host. */
export function normalize(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return `/${parts.join('/')}`
}

function resolveLinks(path: string, links: Links): string {
  if (links.size === 0) return path
  let current = path
  // A chain of links longer than the kernel follows is a loop.
  for (let hops = 0; hops < 40; hops++) {
    const next = followOne(current, links)
    if (next === current) return current
    current = next
  }
  return path
}

function followOne(path: string, links: Links): string {
  const parts = path.split('/').slice(1)
  for (let depth = 1; depth <= parts.length; depth++) {
    const prefix = `/${parts.slice(0, depth).join('/')}`
    const target = links.get(prefix)
    if (target === undefined) continue
    const rest = parts.slice(depth).join('/')
    const base = target.startsWith('/') ? target : `/${parts.slice(0, depth - 1).join('/')}/${target}`
    return collapse(`${base}/${rest}`)
  }
  return path
}

function collapse(path: string): string {
  const out: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..') out.pop()
    else out.push(part)
  }
  return `/${out.join('/')}`
}
