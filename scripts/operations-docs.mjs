// Writes docs/operations.md, from what the operations and facts say of themselves in their code.
// node scripts/operations-docs.mjs; a test fails where the page is stale.
import { fileURLToPath } from 'node:url'
import { run, tool } from './program.mjs'

/** The page, of a reference as the command line's own explanations are made of. */
export function operationsPage({ families, operations, facts, options, actions }) {
  return `${[
    '<!-- made by node scripts/operations-docs.mjs from the code of the operations: change it there -->',
    '# Operations and facts',
    `An operation is the desired state of one thing. A role yields it, with its arguments and, as a second argument, [options](#options) that all take:

\`\`\`ts
const conf = yield* files.put({ path: '/etc/app.conf', content: 'a' }, { root: true })
yield systemd.service({ name: 'app', state: 'restarted' }, { root: true, ifChanged: conf })
\`\`\`

\`chaos explain operations.NAME\` shows the same on the command line.`,
    contents(families, operations),
    ...families.flatMap((family) => [`## ${family}`, ...operations.filter(({ name }) => familyOf(name) === family).flatMap((each) => operation(each, actions))]),
    '## Options',
    table(['option', 'type', ''], Object.entries(options).map(([name, { type, description }]) => [`\`${name}\``, type, description])),
    '## Facts',
    'A role asks for them in its `context`, an operation in its `diff`: `await host.fact(facts.stat(\'/etc/hosts\'))`. Those that are asked together travel together.',
    table(['fact', 'what it answers'], facts.map(({ name, about }) => [`\`${name}\``, about ?? ''])),
  ].join('\n\n')}\n`
}

function contents(families, operations) {
  return families
    .map((family) => {
      const links = operations.filter(({ name }) => familyOf(name) === family).map(({ name }) => `[${name}](#${name.replaceAll('.', '').toLowerCase()})`)
      return `* ${links.join(', ')}`
    })
    .join('\n')
}

function operation({ name, aliases, about, fields, example, action, touches }, actions) {
  const touched = touches === undefined ? 'Touches anything: all that was known of the host is asked again after it.' : touches.length === 0 ? 'Touches nothing.' : `Touches, in the example: ${touches.join(', ')}.`
  return [
    `### ${name}`,
    `${about}${aliases.length === 0 ? '' : ` Also ${aliases.map((each) => `\`${each}\``).join(', ')}.`}`,
    ...(example === undefined ? [] : [`\`\`\`ts\nyield ${example}\n\`\`\``]),
    ...(fields.length === 0 ? ['It takes no arguments.'] : [table(['argument', 'type', 'default', ''], fields.map(argument))]),
    `${actions[action]} ${touched}`,
  ]
}

function argument({ name, type, required, default: otherwise, description = '' }) {
  return [`\`${name}\``, type, required ? '**required**' : otherwise === undefined ? '' : `\`${otherwise}\``, description]
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', String.raw`\|`).replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

function familyOf(name) {
  return name.slice(0, name.indexOf('.'))
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  // The test reads the operations from source, which Node alone cannot.
  const { code, output } = await run(tool('vitest'), ['run', '--update=all', 'scripts/test/operations-docs.test.mjs'], { env: { CI: undefined } })
  if (code !== 0) console.error(output)
  process.exitCode = code
}
