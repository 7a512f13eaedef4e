// What the benchmarks over SSH look at: as items of the role `files`, and as the one script that looks at the same things.
import path from 'node:path'

/** `count` files with a content of some 300 bytes. */
export function filesBelow(folder, count) {
  return Array.from({ length: count }, (_, index) => ({ path: path.join(folder, `file-${index}`), content: `line ${index} of a file\n`.repeat(15), mode: '0644' }))
}

/** 20 items: 5 directories, 10 files with content in them, 5 links to them. */
export function twentyItems(folder) {
  const directories = Array.from({ length: 5 }, (_, index) => ({ path: path.join(folder, `directory-${index}`), state: 'directory', mode: '0755' }))
  const files = directories.flatMap((each) => filesBelow(each.path, 2))
  return [...directories, ...files, ...directories.map((each, index) => ({ path: path.join(folder, `link-${index}`), target: each.path }))]
}

/** Type, mode and owner of all, what the files hold, where the links lead: what has to be known to say that nothing differs. */
export function scriptFor(items) {
  const of = (wanted) => items.filter(wanted).map((item) => item.path).join(' ')
  return `stat -c '%f %u %g %n' -- ${of(() => true)} && sha256sum -- ${of((item) => item.content !== undefined)}`
    + (items.some((item) => item.target) ? ` && readlink -- ${of((item) => item.target !== undefined)}` : '')
}
