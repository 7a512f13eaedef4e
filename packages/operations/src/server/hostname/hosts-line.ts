/**
 * /etc/hosts with the new name on Debian's line for it (127.0.1.1). A machine that has no such line is called by something else,
 * so none is added; of the line, only words that were the old name are changed: with its domain, too.
 */
export function renamedHosts(text: string, old: readonly string[], name: string): string {
  const short = old.map(shortOf)
  const lines = text.split('\n')
  const ours = (line: string): boolean => /^\s*127\.0\.1\.1\s/.test(line)
  if (lines.some((line) => ours(line) && namesOf(line).includes(name))) return text
  return lines.map((line) => (ours(line) ? renamed(line, short, name) : line)).join('\n')
}

function renamed(line: string, old: readonly string[], name: string): string {
  const [entry = '', ...comment] = line.split('#')
  const words = entry.split(/(\s+)/).map((word) => {
    if (!old.includes(shortOf(word)) || word.trim() === '') return word
    return name.includes('.') || !word.includes('.') ? name : `${name}${word.slice(word.indexOf('.'))}`
  })
  return [words.join(''), ...comment].join('#')
}

function namesOf(line: string): string[] {
  return (line.split('#')[0] ?? '').trim().split(/\s+/).slice(1)
}

function shortOf(name: string): string {
  return name.split('.')[0] ?? name
}
