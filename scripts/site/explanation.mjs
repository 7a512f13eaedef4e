// A page of `chaos explain` as Markdown.

const TITLES = { learn_more: 'Learn more', equivalent: 'By hand', validation: 'Check it' }
const SHELL = ['validation', 'equivalent', 'commands']

/** The fields in the order in which the command shows them. */
export function explanation({ concept, security, ...fields }) {
  return [
    ...(concept === undefined ? [] : [`**${concept}.**`]),
    ...Object.entries(fields).flatMap(([key, value]) => field(key, value)),
    ...(security === undefined ? [] : [`::: warning Security\n${security}\n:::`]),
  ].join('\n\n')
}

function field(key, value) {
  if (key === 'what') return [value]
  const title = TITLES[key] ?? `${key.charAt(0).toUpperCase()}${key.slice(1).replaceAll('_', ' ')}`
  if (key === 'examples') return [`**${title}**`, ...value.flatMap((example) => Object.entries(example).map(([language, code]) => fence(language, code)))]
  if (SHELL.includes(key)) return [`**${title}**`, fence('sh', [value].flat().join('\n'))]
  if (!Array.isArray(value)) return [`**${title}.** ${typeof value === 'string' ? value : `\`${JSON.stringify(value)}\``}`]
  return [`**${title}**`, value.map((each) => `- ${key === 'files' ? `\`${each}\`` : row(each)}`).join('\n')]
}

/** `docker_commit (boolean, default true): what it does`, with its name as code. */
function row(text) {
  if (typeof text !== 'string') return `\`${JSON.stringify(text)}\``
  return text.replace(/^([\w.[\]-]+)(?= \(|: )/, '`$1`')
}

function fence(language, code) {
  return `\`\`\`\`${language}\n${code.trimEnd()}\n\`\`\`\``
}
