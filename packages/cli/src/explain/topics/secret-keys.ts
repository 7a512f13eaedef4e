import type { Topics } from './topic.ts'

/** Keys that providers keep: pages of the topic `secrets`. */
export const SECRET_KEYS: Topics[string] = {
  keys: {
    concept: 'The key in a password manager',
    what: '`-p NAME.TYPE` opens the secrets file with a key that the provider NAME keeps. TYPE is age, gpg or vault. It is read for this one command, and lies on no disk.',
    why: 'A machine that applies needs no key of its own, and a key that is revoked there is gone.',
    how: 'The config says which item it is: `age_id` (or `age_url`), `gpg_id`, `vault_id` in the section of the provider; `-p NAME.TYPE:ITEM` says it at once. -p alone takes `secret_providers.default`. With `chaos apply` it means --secrets too.',
    technical: 'An age key stays in the memory of chaos; for the sops binary it is a file in /dev/shm. A gpg key is imported into a home of its own in /dev/shm, whose agent is ended afterwards. A key of a Vault is given to the sops binary alone, as VAULT_ADDR and VAULT_TOKEN. Your own keys are used beside it. The flags of the Python tool mean the same: `-b ITEM age` is `-p bw.age:ITEM`.',
    commands: ['chaos apply -p', 'chaos secrets edit -p bw.age', 'chaos secrets cat -p exec.age:keys/chaos app.password'],
    examples: [{ yaml: '# config.yml\nsecret_providers:\n  default: exec.age\n  exec:\n    command: [pass, show, "{reference}"]\n    age_id: chaos/age-key\n' }, { bash: 'chaos secrets print -p' }],
    files: ['~/.config/chaos/config.yml', '/dev/shm'],
    security: 'Where there is no /dev/shm in memory, keys of gpg are refused. A signal takes away what is there; what a killed run left goes with the next one.',
  },
  export: {
    concept: 'Storing a key with a provider',
    what: '`chaos secrets export PROVIDER -t TYPE -n NAME` stores a key of age or gpg, or a token of Vault, as an item that -p and `import` read.',
    why: 'The key is then where your other passwords are, with their backups and their rules.',
    how: 'age: --key-file, what is piped, or the key of chaos. gpg: --fingerprints of private keys, or an armoured file. vault: the token is piped or asked for, --vault-addr says where. --save-to-config names the item in the config.',
    technical: 'It is looked at before: public and secret keys must belong together. The provider must be able to write. Texts are those of the Python tool; private keys of gpg are compressed, and in base85.',
    commands: ['chaos secrets export bw -t age -n chaos -k keys.txt -s', 'chaos secrets export bw -t gpg -n chaos -f FINGERPRINT', 'chaos secrets export bw -t vault -n chaos -a https://vault.example.net'],
    examples: [{ bash: 'chaos secrets export bw -t age -n chaos --no-import --save-to-config' }],
    security: '--no-import writes a line `# NO-IMPORT`, by which `import` refuses it. That is a rule and no lock: who may read the item can copy it.',
  },
  import: {
    concept: 'Keeping a key of a provider here',
    what: '`chaos secrets import PROVIDER -t TYPE -i ITEM` writes an age key to ./keys.txt, a key of a Vault to ./vault_key.txt, and takes a gpg key into your keyring.',
    why: 'For a machine that has to work when the provider cannot be reached.',
    how: '--output names another file. One that is there is replaced only with your consent.',
    technical: 'Files are for you alone (0600). Of keys only the beginning is shown.',
    commands: ['chaos secrets import bw -t age -i ITEM -o ~/.config/chaos/keys.txt'],
    examples: [{ bash: 'chaos secrets import bw -t gpg -i ITEM' }],
    security: 'A text that says NO-IMPORT is refused; -p uses it all the same.',
  },
}
