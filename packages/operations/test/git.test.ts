import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRole } from '@chaos/core'
import type { Op } from '@chaos/core'
import { applyWith, fakeConnector, noSshd, operationSuite, startMachine, startSshd } from '@chaos/testkit'
import type { Applied, ApplyOptions, Fake, Machine, OperationCase } from '@chaos/testkit'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import { files, git } from '../src/index.ts'
import { onMachine } from './support/on-machine.ts'

const noGit = existsSync('/usr/bin/git') ? undefined : 'needs git'
const why = noGit === undefined ? '' : ` (${noGit})`

// Nobody's own settings; submodules over file:// are off by default since 2.38.
const ENV = {
  GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_CONFIG_COUNT: '2', GIT_CONFIG_KEY_0: 'protocol.file.allow', GIT_CONFIG_VALUE_0: 'always', GIT_CONFIG_KEY_1: 'safe.directory', GIT_CONFIG_VALUE_1: '*',
}
const IDENTITY = { GIT_AUTHOR_NAME: 'a', GIT_AUTHOR_EMAIL: 'a@example.org', GIT_COMMITTER_NAME: 'a', GIT_COMMITTER_EMAIL: 'a@example.org' }

let folder = ''
let fake: Fake
beforeEach(() => {
  folder = mkdtempSync(join(realpathSync(tmpdir()), 'chaos-git-'))
  fake = fakeConnector({ env: ENV })
})
afterEach(async () => {
  await fake.close()
  rmSync(folder, { recursive: true })
})

const gitIn = (directory: string, ...args: string[]) => execFileSync('git', args, { cwd: directory, env: { ...process.env, ...ENV, ...IDENTITY }, encoding: 'utf8', stdio: 'pipe' }).trim()

/** A repository with a first commit of one file, and its address. */
function source(name = 'source'): { directory: string; url: string; commit: (file: string, text: string) => string } {
  const directory = join(folder, name)
  execFileSync('git', ['init', '--quiet', '--initial-branch', 'main', directory], { env: { ...process.env, ...ENV } })
  const commit = (file: string, text: string) => {
    writeFileSync(join(directory, file), text)
    gitIn(directory, 'add', '--all')
    gitIn(directory, 'commit', '--quiet', '--message', `${file}: ${text.trim()}`)
    return gitIn(directory, 'rev-parse', 'HEAD')
  }
  commit('a', 'one\n')
  return { directory, url: `file://${directory}`, commit }
}

const apply = (ops: readonly Op[], options: Partial<ApplyOptions> = {}) => applyWith({ load: fake.load, roles: { test: defineRole(() => ops) }, ...options })
const outcome = ({ errors, end }: Applied) => [errors.map(({ code }) => code), end.operations.changed]
const summaries = ({ events }: Applied) =>
  events.flatMap((event) => (event.type === 'plan' ? event.plan.hosts.flatMap(({ roles }) => roles.flatMap(({ operations }) => operations.flatMap(({ changes }) => changes.map(({ summary }) => summary)))) : []))

describe.skipIf(noGit)(`git.repo${why}`, () => {
  test('clones the default branch, is then so in 2 exchanges, and follows what is newer', async () => {
    const { url, commit } = source()
    const path = join(folder, 'copy')
    const ops = () => [git.repo({ url, path })]
    expect(outcome(await apply(ops()))).toEqual([[], 1])
    expect(readFileSync(join(path, 'a'), 'utf8')).toBe('one\n')
    const again = await apply(ops())
    expect([...outcome(again), again.end.operations.ok, again.hosts[0]?.exchanges]).toEqual([[], 0, 1, 2])
    const newer = commit('a', 'two\n')
    const update = await apply(ops())
    expect([outcome(update), summaries(update)[0]]).toEqual([[[], 1], expect.stringMatching(new RegExp(`^main: [0-9a-f]{10} → ${newer.slice(0, 10)}$`))])
    expect([readFileSync(join(path, 'a'), 'utf8'), gitIn(path, 'rev-parse', 'HEAD'), gitIn(path, 'branch', '--show-current')]).toEqual(['two\n', newer, 'main'])
  })

  test('without update a copy that is there stays at its commit, and the remote is not asked', async () => {
    const { url, directory } = source()
    const path = join(folder, 'copy')
    await apply([git.repo({ url, path, update: false })])
    rmSync(directory, { recursive: true })
    expect(outcome(await apply([git.repo({ url, path, update: false })]))).toEqual([[], 0])
    expect((await apply([git.repo({ url, path })])).errors).toMatchObject([{ code: 'GIT_REMOTE' }])
  })

  test('depth 1 stays one commit deep, whatever it follows', async () => {
    const { url, commit, directory } = source()
    commit('a', 'two\n')
    const path = join(folder, 'copy')
    const depth = () => gitIn(path, 'rev-list', '--count', 'HEAD')
    expect(outcome(await apply([git.repo({ url, path, depth: 1 })]))).toEqual([[], 1])
    expect(depth()).toBe('1')
    commit('a', 'three\n')
    gitIn(directory, 'tag', '--annotate', '--message', 'a version', 'v1')
    const first = commit('b', 'four\n')
    expect(outcome(await apply([git.repo({ url, path, depth: 1 })]))).toEqual([[], 1])
    expect([depth(), gitIn(path, 'rev-parse', 'HEAD')]).toEqual(['1', first])
    expect(outcome(await apply([git.repo({ url, path, depth: 1, tag: 'v1' })]))).toEqual([[], 1])
    expect([depth(), readFileSync(join(path, 'a'), 'utf8')]).toEqual(['1', 'three\n'])
    expect(outcome(await apply([git.repo({ url, path, depth: 1, tag: 'v1' })]))).toEqual([[], 0])
  })

  test('branches, tags and commits: from each to each', async () => {
    const { url, commit, directory } = source()
    const path = join(folder, 'copy')
    const first = gitIn(directory, 'rev-parse', 'HEAD')
    gitIn(directory, 'tag', 'v1')
    gitIn(directory, 'checkout', '--quiet', '-b', 'feature/x')
    const second = commit('a', 'on the branch\n')
    gitIn(directory, 'checkout', '--quiet', 'main')
    const third = commit('b', 'on main\n')
    const at = async (to: object, wanted: string) => {
      const states = [outcome(await apply([git.repo({ url, path, ...to })])), outcome(await apply([git.repo({ url, path, ...to })]))]
      return [states, gitIn(path, 'rev-parse', 'HEAD') === wanted]
    }
    const changedThenOk = [[[[], 1], [[], 0]], true]
    expect(await at({ branch: 'feature/x' }, second)).toEqual(changedThenOk)
    expect(await at({ tag: 'v1' }, first)).toEqual(changedThenOk)
    expect(await at({ branch: 'main' }, third)).toEqual(changedThenOk)
    expect(await at({ commit: second }, second)).toEqual(changedThenOk)
    expect(await at({}, third)).toEqual(changedThenOk)
  })

  test('a tag that was moved is followed, and a branch that was rewritten too', async () => {
    const { url, commit, directory } = source()
    const path = join(folder, 'copy')
    gitIn(directory, 'tag', 'latest')
    await apply([git.repo({ url, path, tag: 'latest' })])
    const second = commit('a', 'two\n')
    gitIn(directory, 'tag', '--force', 'latest')
    expect(outcome(await apply([git.repo({ url, path, tag: 'latest' })]))).toEqual([[], 1])
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(second)
    await apply([git.repo({ url, path })])
    gitIn(directory, 'commit', '--quiet', '--amend', '--message', 'rewritten')
    expect(outcome(await apply([git.repo({ url, path })]))).toEqual([[], 1])
    expect(gitIn(path, 'log', '--format=%s', '-1')).toBe('rewritten')
  })

  test('local changes and commits are an error that lists them, and go with force', async () => {
    const { url, commit } = source()
    const path = join(folder, 'copy')
    await apply([git.repo({ url, path })])
    writeFileSync(join(path, 'a'), 'mine\n')
    writeFileSync(join(path, 'untracked'), 'mine too\n')
    expect(outcome(await apply([git.repo({ url, path })]))).toEqual([[], 0])
    commit('a', 'two\n')
    expect((await apply([git.repo({ url, path })])).errors).toMatchObject([{ code: 'GIT_LOCAL_CHANGES', message: expect.stringContaining('would be lost: M a.') as string }])
    gitIn(path, 'commit', '--quiet', '--all', '--message', 'local work')
    expect((await apply([git.repo({ url, path })])).errors[0]?.message).toMatch(/would be lost: commit [0-9a-f]+ local work\./)
    expect(outcome(await apply([git.repo({ url, path, force: true })]))).toEqual([[], 1])
    expect([readFileSync(join(path, 'a'), 'utf8'), readFileSync(join(path, 'untracked'), 'utf8')]).toEqual(['two\n', 'mine too\n'])
    writeFileSync(join(path, 'a'), 'mine again\n')
    expect(summaries(await apply([git.repo({ url, path, force: true })]))).toEqual(['throw away changes of 1 file'])
    expect(readFileSync(join(path, 'a'), 'utf8')).toBe('two\n')
  })

  test('commits of its own stay on a branch that is left, and are not lost when it comes back', async () => {
    const { url, commit, directory } = source()
    const path = join(folder, 'copy')
    gitIn(directory, 'tag', 'v1')
    await apply([git.repo({ url, path })])
    gitIn(path, 'commit', '--quiet', '--allow-empty', '--message', 'local work')
    commit('a', 'two\n')
    gitIn(directory, 'tag', 'v2')
    expect(outcome(await apply([git.repo({ url, path, tag: 'v2' })]))).toEqual([[], 1])
    expect((await apply([git.repo({ url, path, branch: 'main' })])).errors[0]?.message).toContain('the branch main there has commits of its own that would be lost: 1')
    expect(gitIn(path, 'log', '-1', '--format=%s', 'main')).toBe('local work')
  })

  test('a folder with other things in it is replaced with force alone, an empty one is used', async () => {
    const { url } = source()
    const path = join(folder, 'there')
    await apply([files.directory({ path })])
    expect(outcome(await apply([git.repo({ url, path })]))).toEqual([[], 1])
    const other = join(folder, 'other')
    await apply([files.put({ path: `${other}/kept`, content: 'kept\n' })])
    expect((await apply([git.repo({ url, path: other })])).errors).toMatchObject([{ code: 'GIT_NOT_A_REPOSITORY' }])
    expect(readFileSync(`${other}/kept`, 'utf8')).toBe('kept\n')
    expect(outcome(await apply([git.repo({ url, path: other, force: true })]))).toEqual([[], 1])
  })

  test('a folder inside another repository is no repository of its own', async () => {
    const { url, directory } = source()
    await apply([files.put({ path: `${directory}/below/kept`, content: '' })])
    expect((await apply([git.repo({ url, path: `${directory}/below` })])).errors).toMatchObject([{ code: 'GIT_NOT_A_REPOSITORY' }])
  })

  test('another origin is set, and followed', async () => {
    const one = source('one')
    const two = source('two')
    const newer = two.commit('a', 'of two\n')
    const path = join(folder, 'copy')
    await apply([git.repo({ url: one.url, path })])
    expect(summaries(await apply([git.repo({ url: two.url, path })]))).toEqual([`origin ${one.url} → ${two.url}`, expect.stringContaining('main: ')])
    expect(gitIn(path, 'rev-parse', 'HEAD')).toBe(newer)
    expect(outcome(await apply([git.repo({ url: two.url, path })]))).toEqual([[], 0])
  })

  test('submodules come along when they are asked for, and are mended', async () => {
    const inner = source('inner')
    const outer = source('outer')
    gitIn(outer.directory, 'submodule', '--quiet', 'add', inner.url, 'sub')
    gitIn(outer.directory, 'commit', '--quiet', '--message', 'a submodule')
    const path = join(folder, 'copy')
    const ops = () => [git.repo({ url: outer.url, path, submodules: true })]
    expect(outcome(await apply(ops()))).toEqual([[], 1])
    expect(readFileSync(join(path, 'sub/a'), 'utf8')).toBe('one\n')
    expect(outcome(await apply(ops()))).toEqual([[], 0])
    inner.commit('a', 'two\n')
    gitIn(outer.directory, '-C', 'sub', 'pull', '--quiet')
    outer.commit('b', 'the submodule moves\n')
    expect(outcome(await apply(ops()))).toEqual([[], 1])
    expect(readFileSync(join(path, 'sub/a'), 'utf8')).toBe('two\n')
    gitIn(path, 'submodule', '--quiet', 'deinit', '--force', 'sub')
    expect(summaries(await apply(ops()))).toEqual(['update submodules: sub'])
  })

  test('a mirror has every reference, and loses those that go', async () => {
    const { url, commit, directory } = source()
    const path = join(folder, 'mirror')
    gitIn(directory, 'branch', 'old')
    const ops = () => [git.repo({ url, path, mirror: true })]
    expect(outcome(await apply(ops()))).toEqual([[], 1])
    expect(outcome(await apply(ops()))).toEqual([[], 0])
    gitIn(directory, 'branch', '--delete', 'old')
    gitIn(directory, 'tag', 'v1')
    commit('a', 'two\n')
    expect(outcome(await apply(ops()))).toEqual([[], 1])
    expect(gitIn(path, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\nrefs/tags/v1')
    expect((await apply([git.repo({ url, path })])).errors[0]?.message).toContain('is a bare repository, where a working copy should be')
  })

  test('what is to be absent goes only if it is that repository and nothing is lost with it', async () => {
    const { url } = source()
    const path = join(folder, 'copy')
    const gone = (options = {}) => apply([git.repo({ url, path, present: false, ...options })])
    expect(outcome(await gone())).toEqual([[], 0])
    await apply([git.repo({ url, path })])
    expect((await gone({ url: 'https://git.example.org/other.git' })).errors).toMatchObject([{ code: 'GIT_DIFFERENT_ORIGIN' }])
    writeFileSync(join(path, 'a'), 'mine\n')
    expect((await gone()).errors).toMatchObject([{ code: 'GIT_LOCAL_CHANGES' }])
    const forced = await gone({ force: true })
    expect([outcome(forced), summaries(forced), existsSync(path)]).toEqual([[[], 1], ['remove directory'], false])
  })

  test('a branch, tag or repository that is not there is an error that names it', async () => {
    const { url } = source()
    const path = join(folder, 'copy')
    expect((await apply([git.repo({ url, path, branch: 'nope' })])).errors).toMatchObject([{ code: 'GIT_REFERENCE', message: `${url} has no branch nope.` }])
    expect((await apply([git.repo({ url, path, tag: 'nope' })])).errors).toMatchObject([{ message: `${url} has no tag nope.` }])
    expect((await apply([git.repo({ url: `${url}-not`, path })])).errors).toMatchObject([{ code: 'GIT_REMOTE', message: expect.stringContaining(`cannot read ${url}-not: fatal: `) as string }])
    expect(existsSync(path)).toBe(false)
  })

  test('a dry run clones and fetches nothing', async () => {
    const { url, commit } = source()
    const path = join(folder, 'copy')
    await apply([git.repo({ url, path: join(folder, 'new') })], { dry: true })
    expect(existsSync(join(folder, 'new'))).toBe(false)
    await apply([git.repo({ url, path })])
    commit('a', 'two\n')
    const tree = () => execFileSync('sh', ['-c', 'find . -type f -exec sha256sum {} + | sort'], { cwd: path, encoding: 'utf8' })
    const before = tree()
    expect(summaries(await apply([git.repo({ url, path })], { dry: true }))).toHaveLength(1)
    expect(tree()).toBe(before)
  })

  test('a password in the address, a short commit and two goals are refused before anything runs', () => {
    const path = '/srv/x'
    expect(() => git.repo({ url: 'https://me:secret@git.example.org/x.git', path })).toThrow('no password belongs into the address')
    expect(() => git.repo({ url: '--upload-pack=x', path })).toThrow('does not start with -')
    expect(() => git.repo({ url: 'https://git.example.org/x.git', path, commit: 'abc1234' })).toThrow('a commit is its whole hash')
    expect(() => git.repo({ url: 'https://git.example.org/x.git', path, branch: 'a', tag: 'b' })).toThrow('give one of branch, tag and commit')
    expect(() => git.repo({ url: 'https://git.example.org/x.git', path, branch: '--force' })).toThrow('no name of a branch')
  })
})

const CASES: readonly OperationCase[] = [
  {
    name: 'git.repo',
    prepare: (at) => void execFileSync('sh', ['-ec', 'git init --quiet --initial-branch main "$1/source"; cd "$1/source"; echo one >a; git add a; git commit --quiet --message one', 'sh', at], { env: { ...process.env, ...ENV, ...IDENTITY } }),
    operation: (at) => git.repo({ url: `file://${at}/source`, path: `${at}/copy` }),
    check: (at) => expect(readFileSync(`${at}/copy/a`, 'utf8')).toBe('one\n'),
    drift: (at) => rmSync(`${at}/copy`, { recursive: true }),
  },
]
operationSuite({ name: 'git.repo', cases: CASES, describe, it: noGit === undefined ? it : it.skip })

const missing = noGit ?? noSshd()

describe.skipIf(missing)(`git.repo on a machine${missing === undefined ? '' : ` (${missing})`}`, () => {
  const open: { close(): Promise<void> }[] = []
  afterEach(async () => {
    for (const each of open.splice(0).toReversed()) await each.close()
  })
  const MAKE = `set -e
cd "$(getent passwd "$USER" | cut -d: -f6)"
git init --quiet --initial-branch main source
cd source
echo one >a
git add a
git -c user.name=a -c user.email=a@example.org commit --quiet --message one`
  function on<M extends Machine>(machine: M) {
    open.push(machine)
    const runs = onMachine(machine)
    open.push(runs)
    return { machine, apply: runs.apply }
  }

  test('root runs git as the owner, whose the working copy is, and never what it configures as root', async () => {
    const { machine, apply } = on(await startMachine({ users: { ana: {} } }))
    await machine.run(`su ana -c 'USER=ana; ${MAKE.replaceAll("'", `'\\''`)}'`)
    const ops = () => [git.repo({ url: 'file:///home/ana/source', path: '/srv/sites/one', owner: 'ana' })]
    expect(outcome(await apply(ops()))).toEqual([[], 1])
    expect(await machine.run('stat -c %U /srv/sites /srv/sites/one /srv/sites/one/a /srv/sites/one/.git/HEAD')).toBe('root\nana\nana\nana\n')
    expect(outcome(await apply(ops()))).toEqual([[], 0])
    await machine.run(`su ana -c 'cd /srv/sites/one && git config core.fsmonitor "id -un >>/tmp/who; false"'`)
    expect(outcome(await apply([git.repo({ url: 'file:///home/ana/source', path: '/srv/sites/one' })]))).toEqual([[], 0])
    expect(await machine.run('sort -u /tmp/who')).toBe('ana\n')
    await machine.run('chown -R root: /srv/sites/one')
    const back = await apply(ops())
    expect([outcome(back), summaries(back)]).toEqual([[[], 1], ['owner root → ana']])
  })

  test('git that is not there yet is waited for until its turn', async () => {
    const { machine, apply } = on(await startMachine())
    await machine.run(`USER=root; ${MAKE}`)
    await machine.run('mv /usr/bin/git /usr/bin/git-kept')
    const repo = () => git.repo({ url: 'file:///root/source', path: '/srv/copy' })
    expect((await apply([repo()])).errors[0]?.message).toContain('git is not there yet')
    const { errors } = await apply([files.link({ path: '/usr/bin/git', target: 'git-kept' }), repo()])
    expect(errors).toEqual([])
    expect(await machine.run('cat /srv/copy/a')).toBe('one\n')
  })

  test('over ssh a host key that nobody has looked at is refused, a known one is taken', async () => {
    const sshd = await startSshd({ users: { ana: {} } })
    const { machine, apply } = on(sshd)
    await machine.run(`su ana -c 'USER=ana; ${MAKE.replaceAll("'", `'\\''`)}'`)
    await machine.run(`umask 077; cat >/root/deploy <<'EOF'\n${readFileSync(sshd.key, 'utf8')}EOF\nmkdir -p /root/.ssh; printf 'Host *\\n  StrictHostKeyChecking no\\n' >/root/.ssh/config`)
    const url = `ssh://ana@${sshd.host}:${sshd.port}/home/ana/source`
    const repo = () => git.repo({ url, path: '/srv/copy', sshKey: '/root/deploy' })
    expect((await apply([repo()])).errors).toMatchObject([{ code: 'GIT_HOST_KEY', message: `@machine/root does not know the host key of ${url}, and takes none that nobody has looked at.` }])
    expect(await machine.run('ls /root/.ssh')).toBe('config\n')
    const known = files.put({ path: '/root/.ssh/known_hosts', content: readFileSync(sshd.knownHosts, 'utf8') })
    expect((await apply([known, repo()])).errors).toEqual([])
    expect(await machine.run('cat /srv/copy/a')).toBe('one\n')
    await sshd.changeHostKeys()
    expect((await apply([repo()])).errors).toMatchObject([{ code: 'GIT_HOST_KEY', message: expect.stringContaining('shows another host key') as string }])
  })
})
