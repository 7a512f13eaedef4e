/**
 * Up to `count` names that a typing error would make of `word`, nearest first: at most two edits away (one for short words),
 * where swapping two neighbours counts as one, and upper case, `-` and `_` do not count. For "did you mean".
 */
export function nearest(word: string, names: Iterable<string>, count = 1): string[] {
  const wanted = plain(word)
  const limit = wanted.length < 5 ? 1 : 2
  return [...new Set(names)]
    .map((name) => ({ name, distance: edits(wanted, plain(name), limit) }))
    .filter(({ name, distance }) => distance <= limit && distance < name.length)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map(({ name }) => name)
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll('-', '_')
}

/** Optimal string alignment: insert, remove, replace, swap neighbours. More than `limit` is not counted out. */
function edits(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return Infinity
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  const at = (row: readonly number[], index: number): number => row[index] as number
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let cost = Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, at(before, j - 2) + 1)
      row.push(cost)
    }
    before = last
    last = row
  }
  return at(last, b.length)
}
