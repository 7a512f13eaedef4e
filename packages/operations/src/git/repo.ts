import { defineOperation, touch } from '@chaos/core'
import { z } from 'zod'
import { force, path, present } from '../files/members.ts'
import { commit, reference, url } from './members.ts'
import { repositoryChanges } from './repository-changes.ts'

const schema = z
  .strictObject({
    url,
    path,
    branch: reference.optional().describe('Follows this branch. Not given, and no tag or commit either = the default branch of the remote.'),
    tag: reference.optional().describe('Is at this tag, wherever the remote moves it.'),
    commit: commit.optional().describe('Is at this commit, given by its whole hash.'),
    depth: z.int().min(1).optional().describe('Brings only so many commits of the history. Not given = all of it.'),
    submodules: z.boolean().default(false).describe('Submodules too, and theirs.'),
    update: z.boolean().default(true).describe('Asks the remote whether there is something newer. Without it a working copy that is there is left at its commit.'),
    mirror: z.boolean().default(false).describe('A bare copy of all references instead of a working copy; what the remote no longer has goes.'),
    owner: z.string().regex(/^[a-z_][a-z0-9_.-]*\$?$/i, 'a user is given by name').optional().describe('Whose it is; git runs as that user, with the keys in their home. Takes root. Not given = who owns what is there, else who runs it.'),
    sshKey: path.optional().describe('A private key on the host that ssh uses. Not given = as that user uses ssh.'),
    force: force.describe('Throws away local changes and commits, and replaces what stands there if it is something else. Otherwise each is an error that lists them.'),
    present,
  })
  .refine(({ branch, tag, commit: at }) => [branch, tag, at].filter((each) => each !== undefined).length <= 1, 'give one of branch, tag and commit')
  .refine(({ mirror, branch, tag, commit: at, submodules, depth }) => !mirror || (branch ?? tag ?? at ?? depth) === undefined && !submodules, { path: ['mirror'], message: 'a mirror has all branches and tags, the whole history, and no files' })
export type RepoArgs = z.output<typeof schema>

/** A working copy of a remote repository. */
export const repo = defineOperation({
  name: 'git.repo',
  about: 'Ensures that a working copy of a remote repository is there, at a branch, tag or commit, or that it is not there.',
  args: schema,
  example: { url: 'https://git.example.org/site.git', path: '/srv/site', branch: 'main', depth: 1, owner: 'www-data' },
  diff: repositoryChanges,
  touches: (args) => [touch.path(args.path)],
})
