/** Plain block YAML of plain values; texts that could be taken for something else are quoted. */
export function toYaml(value: unknown): string {
  return isLeaf(value) ? `${leaf(value)}\n` : `${block(value, '')}\n`
}

function block(value: unknown, indent: string): string {
  if (Array.isArray(value)) return value.map((each) => `${indent}- ${isLeaf(each) ? leaf(each) : block(each, `${indent}  `).trimStart()}`).join('\n')
  return Object.entries(value as Record<string, unknown>)
    .map(([key, each]) => `${indent}${leaf(key)}:${isLeaf(each) ? ` ${leaf(each)}` : `\n${block(each, `${indent}  `)}`}`)
    .join('\n')
}

function isLeaf(value: unknown): boolean {
  return typeof value !== 'object' || value === null || Object.keys(value).length === 0
}

const AMBIGUOUS = /^(?:true|false|yes|no|on|off|y|n|null|~|[-+.]?\d.*|[-+]?\.(?:inf|nan)|=|<<)$/i
const SIMPLE = /^[A-Za-z0-9_/.+()$][A-Za-z0-9_/.+()$ @%,:=;~^*-]*$/

function leaf(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value ?? null)
  const simple = SIMPLE.test(value) && !AMBIGUOUS.test(value) && !/: |:$| $| #/.test(value)
  return simple ? value : JSON.stringify(value)
}
