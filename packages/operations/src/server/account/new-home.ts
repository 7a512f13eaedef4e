import { sh } from '@chaos/core'
import type { Change } from '@chaos/core'
import type { User } from '../../facts/accounts.ts'

/** The home of an account that is there, with what new homes hold; nobody else may look into it. A folder that has come in between is an error. */
export function newHome(home: string, { uid, gid }: Pick<User, 'uid' | 'gid'>): Change {
  return {
    summary: `create home ${home}`,
    before: null,
    do: [
      {
        run: sh`set -e; umask 022; mkdir -p -- ${parentOf(home)}; umask 077; mkdir -- ${home}
[ ! -d /etc/skel ] || cp -R /etc/skel/. ${home}/
chown -hR -- ${`${uid}:${gid}`} ${home}`,
      },
    ],
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
