/** Bytes of a Ch-obolo. */
export const MAX_BYTES = 8 * 1024 * 1024
/** Maps and lists inside each other. Beyond some thousand the parser's regular expressions end the process. */
export const MAX_DEPTH = 100
/** Nodes that aliases and merge keys may add: far more than people write, far less than a bomb makes. */
export const MAX_ALIASED = 100_000
/** Characters an interpolated text may have. */
export const MAX_TEXT = MAX_BYTES
/** Values an interpolated key may have, references counted out. */
export const MAX_VALUES = 1_000_000
/** References that lead to each other. */
export const MAX_CHAIN = 100
