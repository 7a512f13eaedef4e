/** Ciphertexts by what they hold and where, so that what does not change keeps its own and a commit shows what did. */
export class Stash {
  readonly kept = new Map<string, string[]>()

  copy(): Stash {
    const copy = new Stash()
    for (const [key, own] of this.kept) copy.kept.set(key, [...own])
    return copy
  }

  keep(type: string, text: string, path: readonly string[], encrypted: string): void {
    const key = keyOf(type, text, path)
    const own = this.kept.get(key) ?? []
    own.push(encrypted)
    this.kept.set(key, own)
  }

  /** The ciphertext of a value; items of a list that are equal get theirs in order. */
  take(type: string, text: string, path: readonly string[]): string | undefined {
    return this.kept.get(keyOf(type, text, path))?.shift()
  }
}

function keyOf(type: string, text: string, path: readonly string[]): string {
  return JSON.stringify([type, text, path])
}
