import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'provider-onepassword': {
      concept: 'Secrets from 1Password',
      what: '`${secret:op:VAULT/ITEM/FIELD}` in a Ch-obolo is a field of an item of 1Password, also as `${secret:op:op://VAULT/ITEM/FIELD}`, the reference that the app copies.',
      why: 'Who keeps passwords in 1Password need not keep them in a second place.',
      how: 'Sign in in the shell that starts chaos: allow op in the settings of the app, or `eval $(op signin)`, or give OP_SERVICE_ACCOUNT_TOKEN. VAULT/ITEM/SECTION/FIELD names a field of a section, and `?attribute=otp` behind it asks for a code. With `vault` in the config, ITEM and ITEM/FIELD are enough; without FIELD it is `field`, by default notesPlain.',
      technical: 'Each reference of a run costs one `op read`. The first goes alone, because the app may ask you; then four at a time. A code is asked for anew each time.',
      examples: [
        { yaml: '# config.yml\nsecret_providers:\n  op:\n    account: example.1password.com\n    vault: Servers\n    field: password\n' },
        { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:op:Servers/db/password}", mode: "0600" }\n' },
      ],
      validation: 'op vault list',
      security: 'References stand in the arguments of op, where others on the machine can see them; secrets do not. What op prints is never shown, not even when it fails.',
      learn_more: ['chaos explain provider-exec', 'https://developer.1password.com/docs/cli/secret-reference-syntax'],
    },
  },
})
