/** Up to `count` names that a typing error would make of `word`, nearest first. */
export function nearest(word: string, names: Iterable<string>, count = 1): string[] {
  const limit = Math.max(1, Math.floor(word.length / 3))
  return [...new Set(names)]
    .map((name) => ({ name, distance: name.includes(word) && word.length > 2 ? 1 : distance(word.toLowerCase(), name.toLowerCase()) }))
    .filter((each) => each.distance <= limit)
    .toSorted((a, b) => a.distance - b.distance)
    .slice(0, count)
    .map((each) => each.name)
}

/** Edits from one word to another; swapping two neighbours is one. */
function distance(a: string, b: string): number {
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1
      let best = Math.min((row[j] as number) + 1, (next[j - 1] as number) + 1, (row[j - 1] as number) + same)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] as number) + 1)
      next.push(best)
    }
    before = row
    row = next
  }
  return row[b.length] as number
}
