import { SECRET_KEYS } from './secret-keys.ts'
import type { Topics } from './topic.ts'

/** The secrets file: who reads it, who changes it, for whom it is. */
export const SECRETS: Topics = {
  secrets: {
    secrets: {
      concept: 'The secrets file',
      what: 'A file of sops: its keys stand in clear, its values are encrypted. `chaos secrets` shows and changes it, `chaos apply --secrets` gives roles what they declare of it, and `${secret:sops:KEY}` stands for one of them anywhere in the Ch-obolo.',
      why: 'It can be kept with the Ch-obolo, in git, and only those it is encrypted for can read it.',
      how: 'Found as --secrets-file FILE, else the file of `chaos set secrets FILE`, else `secrets: { sec_file: … }` of the Ch-obolo. For whom it is encrypted says the config of sops, found the same way (--sops-file, `chaos set sops`, `sec_sops`); `secrets print --sops` and `secrets edit --sops` show and change that.',
      technical: 'Opened in process with the age identities of $SOPS_AGE_KEY, $SOPS_AGE_KEY_FILE, ~/.config/sops/age/keys.txt and ~/.config/chaos/keys.txt, and with gpg for PGP keys; the sops binary is needed for other keys alone (chaos explain secrets.sops). Decrypted once per run, when the first role or value asks, and only in memory.',
      commands: ['chaos init secrets', 'chaos secrets edit', 'chaos secrets set users.ana.token', 'chaos secrets rotate-add age age1… --update', 'chaos check secrets', 'chaos apply --secrets'],
      examples: [{ bash: 'chaos secrets set app.password' }, { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:sops:app.password}", mode: "0600" }\n' }],
      files: ['~/.config/chaos/keys.txt', '~/.config/chaos/secrets.yml', '~/.config/chaos/sops-config.yml'],
      security: 'A role of somebody else gets secrets only with your consent, or with --yes. `chaos secrets edit` keeps what is in clear in memory, and tells Vim and Neovim to keep no swap files, undo files, copies and registers of it; what another editor writes elsewhere, its history say, is up to it. One with a window must wait until it is closed: EDITOR="code --wait". Who was removed from the recipients may have an older copy: change the secrets themselves.',
    },
    roles: {
      concept: 'Secrets for roles',
      what: 'A role declares which secrets it needs, and gets these alone. A role in the short form declares nothing: it gets the whole secrets file where the config names it below `secret_plugins`, and none otherwise.',
      why: 'What a role does not have it cannot lose.',
      how: 'secret_plugins is a list of roles in ~/.config/chaos/config.yml. With --secrets such a role is asked for like any that is not ours; without --secrets it gets none.',
      technical: 'What was encrypted is a Secret in the tree that it gets, what stood in clear is as it was. The redactor knows all of it before the role does.',
      examples: [{ yaml: 'secret_plugins: [my-role]\n' }, { text: "defineRole(function* ({ secrets }) {\n  yield files.put({ path: '/etc/app.key', content: secrets.app.key, mode: '0600' })\n})" }],
      commands: ['chaos apply my-role --secrets'],
    },
    recipients: {
      concept: 'Recipients',
      what: 'For whom the secrets file is encrypted: keys of age and PGP, transit keys of Vault, and keys of clouds. They stand in the creation rules of the config of sops; `chaos secrets list` shows them.',
      why: 'A file that its recipients do not follow is read by those who left, or not by those who came.',
      how: 'rotate-add and rotate-rm change the config, in all rules or with --index in one, and then offer to encrypt the file for them; --update does so without a question. With --create keys become a group of their own; set-shamir INDEX N says how many groups must be opened, 0 takes that away. A PGP key that gpg does not know is fetched with --keyserver (-s).',
      technical: 'Where somebody goes, the file gets a new data key. The last key of a rule cannot be removed, nor a group that the threshold needs. Comments of the config stay.',
      commands: ['chaos secrets list', 'chaos secrets rotate-add vault https://vault.example.net/v1/transit/keys/chaos', 'chaos secrets rotate-rm pgp FINGERPRINT --update', 'chaos secrets set-shamir 0 2 --update'],
    },
    sops: {
      concept: 'The sops binary',
      what: 'Keys of AWS, GCP, Azure and Huawei, transit keys of Vault, plugins of age and keys of ssh are not known to chaos. Where a file needs one of them, chaos hands it to the program sops, if there is one on your PATH.',
      why: 'Most files need nothing installed, and the others work too.',
      how: 'Nothing has to be said. A file that one of your age or PGP keys opens never starts it. Logins are those of sops: the AWS_… variables, VAULT_ADDR and VAULT_TOKEN, SOPS_AGE_SSH_PRIVATE_KEY_FILE.',
      technical: 'Decrypted through its stdout, with the keys and rules of the file held against what it prints. It changes a copy, never the file itself, which chaos replaces as a whole. `secrets set` gives the value over stdin, for which sops 3.11 is needed; `secrets edit` has the clear text in memory alone, that of sops too. It is given two minutes.',
      commands: ['chaos secrets print', 'chaos secrets update'],
      security: 'What sops prints when it fails is not shown, because it may quote the file. Run it by hand to see it.',
    },
    ...SECRET_KEYS,
  },
}
