// Runs the README's example, as built, and keeps the output shown there the real one.
// node scripts/readme.mjs writes it into README.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT, run } from './program.mjs'

const README = path.join(ROOT, 'README.md')
const SHOWN = /(<!-- the real output: node scripts\/readme\.mjs -->\n\n```console\n)([^]*?)(```)/

/** What the README shows. */
export function shown() {
  return SHOWN.exec(readFileSync(README, 'utf8'))[2]
}

/** What a run of the README's Ch-obolo prints: applied, and applied again. */
export async function realOutput() {
  const folder = mkdtempSync(path.join(tmpdir(), 'chaos-readme-'))
  try {
    const [, example] = /```yaml\n([^]*?)```/.exec(readFileSync(README, 'utf8'))
    // The example's own place, so that nobody's /tmp/demo is touched.
    writeFileSync(path.join(folder, 'ch-obolo.yml'), example.replaceAll('/tmp/demo', `${folder}/demo`))
    const env = { XDG_STATE_HOME: `${folder}/state`, CHAOS_STATE_FOLDER: `${folder}/machine`, CI: undefined, GITHUB_ACTIONS: undefined }
    let text = ''
    for (let turn = 0; turn < 2; turn++) {
      const { output } = await run(process.execPath, [path.join(ROOT, 'packages/cli/bin/chaos.js'), 'apply', '--yes'], { cwd: folder, env })
      text += `$ chaos apply --yes\n${output.trim()}\n${turn === 0 ? '\n' : ''}`
    }
    return text.replaceAll(`${folder}/demo`, '/tmp/demo')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Without what differs from machine to machine and from run to run. */
export function normal(output) {
  return output.replaceAll(/(\d+ min )?\d+(\.\d+)? m?s\b/g, '# ms').replaceAll(/(this machine · )[^\n·]+$/gm, '$1OS')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const output = await realOutput()
  writeFileSync(README, readFileSync(README, 'utf8').replace(SHOWN, (_, before, _old, after) => before + output + after))
}
