import { defineKeys, defineRole } from '@chaos/core'
import { server } from '@chaos/operations'

/** Ensures /tmp/my-role-dir, and every directory of the Ch-obolo's `my_role_dirs`. */
export const myRole = defineRole(function* ({ chobolo }) {
  for (const path of ['/tmp/my-role-dir', ...(chobolo.my_role_dirs ?? [])]) {
    // What shall belong to root is made by root: who runs chaos may be anybody.
    yield server.dir({ path, owner: 'root', mode: '755' }, { sudo: true })
  }
})

/** What `chaos init chobolo` writes as an example; also says which keys the role reads. */
export const myRoleKeys = defineKeys([{ my_role_dirs: ['/tmp/dir1'] }])
