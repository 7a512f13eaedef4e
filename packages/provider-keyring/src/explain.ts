import { defineExplain } from '@chaos/core'

export default defineExplain({
  topics: {
    'provider-keyring': {
      concept: 'Secrets from the keyring',
      what: '`${secret:keyring:SERVICE/ACCOUNT}` in a Ch-obolo is an entry of the keyring of the operating system.',
      why: 'The keyring of your desktop is unlocked when you log in: no other password, and no file.',
      how: 'The last slash divides: https://example.net/ana is the account ana of the service https://example.net. Without a slash the service is `chaos`. All of the entry is the secret.',
      technical:
        'The Secret Service on Linux (gnome-keyring, kwallet, keepassxc), by attributes `service` and `username`; the keychain on macOS and the credential manager on Windows, through @napi-rs/keyring. It is asked in a process of its own, which is ended after 60 seconds (`timeout`): a locked keyring asks in a window. The keyring of the Linux kernel is not used.',
      examples: [
        { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:keyring:app/password}", mode: "0600" }\n' },
        { bash: 'secret-tool store --label="app password" service app username password' },
        { yaml: '# config.yml\nsecret_providers:\n  keyring: { timeout: 120 }\n' },
      ],
      security: 'What is unlocked can be read by every program that you run. Neither names nor secrets stand in arguments. Storing never overwrites an entry.',
      learn_more: ['chaos explain provider-pass', 'chaos explain provider-exec'],
    },
  },
})
