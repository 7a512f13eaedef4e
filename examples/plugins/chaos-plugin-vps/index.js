import { defineKeys } from '@chaos/core'

/** What a rented machine needs in its first hour: somebody else than root, and no more passwords. */
export default defineKeys([
  { admin: 'ana' },
  { users: [{ name: '${admin}', shell: '/bin/bash', sudo: true, keys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f ana@laptop'] }] },
  { files: [{ path: '/etc/ssh/sshd_config.d/10-keys-only.conf', content: 'PasswordAuthentication no\nPermitRootLogin no\n', mode: '0600' }] },
])
