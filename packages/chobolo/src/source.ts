import type { Position } from '@chaos/core'

/** A text with its file's name; tells where an offset is. */
export interface Source {
  readonly file: string
  readonly text: string
  position(offset: number): Position
}

export function createSource(text: string, file: string): Source {
  let starts: number[] | undefined
  return {
    file,
    text,
    position(offset) {
      starts ??= lineStarts(text)
      let low = 0
      let high = starts.length - 1
      while (low < high) {
        const middle = Math.ceil((low + high) / 2)
        if ((starts[middle] as number) <= offset) low = middle
        else high = middle - 1
      }
      return { file, line: low + 1, column: offset - (starts[low] as number) + 1 }
    },
  }
}

function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  // A byte order mark takes no column.
  if (text.startsWith('\uFEFF')) starts[0] = 1
  return starts
}
