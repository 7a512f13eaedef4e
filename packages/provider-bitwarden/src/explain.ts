import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'provider-bitwarden': {
      concept: 'Secrets from Bitwarden',
      what: '`${secret:bw:ITEM}` in a Ch-obolo is the password of an item of Bitwarden or Vaultwarden; of a secure note its notes, of an SSH key the private key. `${secret:bw:ITEM/FIELD}` is another field of it.',
      why: 'Who keeps passwords in Bitwarden need not keep them in a second place.',
      how: 'Log in and unlock the vault in the shell that starts chaos: `bw login`, then `export BW_SESSION=$(bw unlock --raw)`. An ITEM is an id or the exact name. A FIELD is `username`, `password`, `totp`, `uri` (the first), `notes`, `private_key`, `public_key`, or the name of a custom field.',
      technical:
        'All secrets of a run cost one call of `bw list items`; it reads the copy that bw keeps on this machine, and `bw sync` renews it. Names may hold slashes: a reference that could be read in two ways is an error which names both by their ids. `totp` is what codes are made from, not a code. Items in the trash are not seen.',
      examples: [
        { yaml: '# config.yml\nsecret_providers:\n  bw:\n    session_file: ~/.config/chaos/bw-session\n    timeout: 30\n' },
        { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:bw:db/main}", mode: "0600" }\n' },
      ],
      security: 'The session goes to bw in its environment, never in its arguments; a `session_file` that others may read is refused. What bw prints is never shown.',
      validation: 'bw status',
      learn_more: ['chaos explain provider-exec'],
    },
  },
})
