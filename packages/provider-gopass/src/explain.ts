import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'provider-gopass': {
      concept: 'Secrets from gopass',
      what: '`${secret:gopass:NAME}` in a Ch-obolo is the first line of an entry of your stores.',
      why: 'The secrets stay where your team keeps them, encrypted for those who may read them, in as many stores as you have mounted.',
      how: 'NAME is what `gopass ls --flat` shows, the name of a mount before those of its entries: work/db/password. `NAME#FIELD` is what stands behind `FIELD:` on a line below the first, `NAME#*` all of the entry as it is stored. The last # counts: `NAME#` is the first line of an entry with a # in its own name.',
      technical: 'Runs `gopass ls --flat` once in a run and `gopass show --unsafe --noparsing` once for an entry, with nothing on stdin, and ends them after 60 seconds (`timeout`). What they print is never shown. Storing uses `gopass insert` and never overwrites. Debian has another program of that name; with that one entries are read, and nothing is stored.',
      examples: [
        { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:gopass:work/db/password}", mode: "0600" }\n  - { path: /etc/app/user, content: "${secret:gopass:work/db/password#user}" }\n' },
        { yaml: '# config.yml\nsecret_providers:\n  gopass: { timeout: 120 }\n' },
        { bash: 'gopass insert work/db/password\nchaos apply files' },
      ],
      security: 'The name of an entry stands in the arguments of gopass, where others on the machine can see it; the secret does not. What was opened stays in memory until the run ends.',
      learn_more: ['chaos explain provider-pass', 'chaos explain provider-exec'],
    },
  },
})
