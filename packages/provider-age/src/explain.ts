import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'provider-age': {
      concept: 'Secrets from encrypted files',
      what: '`${secret:age:REFERENCE}` in a Ch-obolo is a value of a sops file, or the content of a file of age.',
      why: 'The secrets can lie beside the Ch-obolo, encrypted for those who may read them, and no service and no program is needed.',
      how: 'Name the file under `secret_providers` in the config; the reference is a key in it: db.password, tokens[0], tls["ca.crt"]. Or name a folder; the reference is a file in it, without its .age; the line end behind the secret is cut, once.',
      technical: 'Opened in process with the identities of $SOPS_AGE_KEY, $SOPS_AGE_KEY_FILE, ~/.config/sops/age/keys.txt and ~/.config/chaos/keys.txt, or of the file that `identities` names; with gpg where a sops file is encrypted for PGP keys. A sops file is decrypted once per run, and its seal is checked.',
      examples: [
        { yaml: '# config.yml\nsecret_providers:\n  age: { file: ~/.config/chaos/secrets.yml }\n' },
        { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:age:app.password}", mode: "0600" }\n' },
        { bash: 'age -r age1… -o vault/app/password.age password.txt' },
      ],
      security: 'What was decrypted stays in memory. A reference names a file below the folder and none elsewhere.',
      learn_more: ['chaos explain secrets'],
    },
  },
})
