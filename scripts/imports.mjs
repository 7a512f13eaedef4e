// The import specifiers of a module, without a parser: TypeScript 7 has no API for it yet.

const PATTERNS = [
  /\b(?:import|export)\b[^'"`;=()]*?\bfrom\s*(['"])([^'"\n]+)\1/g,
  /^[ \t]*import\s*(['"])([^'"\n]+)\1/gm,
  /\bimport\s*\(\s*(['"])([^'"\n]+)\1/g,
]

/** Static, re-exporting, type and literal dynamic imports, with their lines. */
export function importsOf(source) {
  const code = withoutComments(source)
  return PATTERNS.flatMap((pattern) =>
    [...code.matchAll(pattern)].map((match) => {
      const end = match.index + match[0].length
      return { specifier: match[2], line: code.slice(0, end).split('\n').length }
    }),
  )
}

/** Comments, template texts and regular expressions blanked out, every line kept. */
function withoutComments(source) {
  // A slash after one of these begins a regular expression, not a division.
  const pattern = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\/[^\n]*|\/\*[^]*?\*\/|(?<=(?:^|[(,=:[!&|?{};+\n]|return)\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\/[a-z]*/g
  return source.replace(pattern, (found) => (found[0] === "'" || found[0] === '"' ? found : found.replace(/[^\n]/g, ' ')))
}
