import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'provider-pass': {
      concept: 'Secrets from pass',
      what: '`${secret:pass:NAME}` in a Ch-obolo is the first line of an entry of your password store.',
      why: 'The secrets stay where your team keeps them, encrypted for those who may read them, and in git if you like.',
      how: 'NAME is what `pass ls` shows: db/password. `NAME#FIELD` is what stands behind `FIELD:` on a line below the first, `NAME#*` all of the entry, byte for byte. The last # counts: `NAME#` is the first line of an entry with a # in its own name.',
      technical: 'Runs `pass show` with nothing on stdin, once for an entry and a run, and ends it after 60 seconds (`timeout`); gpg asks for the passphrase in a window, or where $GPG_TTY says. What it prints is never shown. Storing uses `pass insert --multiline` and never overwrites.',
      examples: [
        { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:pass:db/password}", mode: "0600" }\n  - { path: /etc/app/user, content: "${secret:pass:db/password#user}" }\n  - { path: /etc/app/key.pem, content: "${secret:pass:tls/key#*}", mode: "0600" }\n' },
        { yaml: '# config.yml\nsecret_providers:\n  pass: { store: ~/team-store, timeout: 120 }\n' },
        { bash: 'pass init YOUR-GPG-KEY\npass insert db/password\nchaos apply files' },
      ],
      security: 'The name of an entry stands in the arguments of pass, where others on the machine can see it; the secret does not. What was opened stays in memory until the run ends.',
      learn_more: ['chaos explain provider-gopass', 'chaos explain provider-exec'],
    },
  },
})
