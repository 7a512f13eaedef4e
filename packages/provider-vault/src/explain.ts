import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'provider-vault': {
      concept: 'Secrets of Vault or OpenBao',
      what: '`${secret:vault:PATH#FIELD}` in a Ch-obolo is a field of a secret in a key-value engine of HashiCorp Vault or OpenBao.',
      why: 'Who may read what is decided in one place, every reading is in its audit log, and nothing is kept beside the Ch-obolo.',
      how: 'The path is that of `vault kv get`, the engine’s first: secret/app/db. Without #FIELD it is the only field, `#*` is the whole secret as JSON, and ?version=3 before the # an older version. The address and the token are those of `vault`, VAULT_ADDR and `vault login`; machines log in with approle, jwt or kubernetes.',
      technical:
        'HTTP, without the program vault. The version of an engine (1 or 2) is asked once, each path is read once per run, several at a time. 412, 429 and 5xx are asked again three times; an answer may take 30 seconds (`timeout`). `chaos` never overwrites: what it writes is a new field, with check-and-set.',
      examples: [
        { yaml: '# config.yml\nsecret_providers:\n  vault:\n    address: https://vault.example.net:8200\n    auth: { method: approle, role_id: web, secret_id_file: ~/.config/chaos/secret-id }\n' },
        { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:vault:secret/app/db#password}", mode: "0600" }\n' },
      ],
      validation: 'vault kv get -mount=secret -field=password app/db',
      security: 'The certificate is always verified; VAULT_CACERT or `ca_file` names your own. The token goes to the configured address alone, also where that redirects elsewhere.',
      learn_more: ['chaos explain provider-age', 'https://developer.hashicorp.com/vault/docs/secrets/kv'],
    },
  },
})
