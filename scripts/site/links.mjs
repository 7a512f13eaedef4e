// Links between files of the repository become links between pages of the site.
import path from 'node:path'

const LINK = /\[((?:[^[\]`]|`[^`]*`)*)\]\(([^()\s]+)\)/g
/** Code, in which nothing is a link. A link's own text may be code, so links come first. */
const CODE = /^(```+)[^]*?^\1$|`[^`\n]*`/gm

/**
 * The text of a page with its links as they are on the site. One to a file that is no page leads into the repository,
 * or is plain text where nobody knows where that is.
 * @param {{ from: string, places: Map<string, string>, repository?: string }} options
 */
export function relinked(text, { from, places, repository }) {
  const code = [...text.matchAll(CODE)].map((match) => [match.index, match.index + match[0].length])
  return text.replaceAll(LINK, (whole, words, target, at) => {
    if (code.some(([begin, end]) => begin <= at && at < end) || /^(\w+:|#)/.test(target)) return whole
    const [file, anchor] = target.split('#')
    const found = path.posix.normalize(path.posix.join(path.posix.dirname(from), file)).replace(/\/$/, '')
    const place = places.get(found) ?? places.get(`${found}/README.md`)
    if (place !== undefined) return `[${words}](/${place}${anchor === undefined ? '' : `#${anchor}`})`
    return repository === undefined ? words : `[${words}](${repository}/blob/HEAD/${found})`
  })
}
