import { defineExplain } from '@chaos/core'
import type { Depth, Page } from '@chaos/core'

const TECHNICAL: Readonly<Record<Depth, string>> = {
  basic: 'Accounts are compared with what is there, and only what differs is changed.',
  intermediate:
    'Each item becomes operations: server.user, server.authorizedKeys, server.sudoers; groups become server.group, the host name server.hostname. All are compared in one exchange, as root.',
  advanced:
    'Each item becomes operations: server.user (useradd, usermod, userdel, chpasswd), server.authorizedKeys, server.sudoers; groups become server.group, the host name server.hostname. All are compared in one exchange, as root. Of a password the host tells a SHA-256 of its hash, never the hash. Keys are looked at and written with the rights of the user they belong to, so that a link in a home leads root nowhere. A rule of sudo is checked by visudo before it is live. What the role adds it notes on the host (/var/lib/chaos/state/users.json).',
}

const users = (depth: Depth): Page => ({
  concept: 'Who is on a machine',
  what: 'The role `users` makes accounts, with their groups, keys, password and rights, groups of their own, and the name of the machine.',
  technical: TECHNICAL[depth],
  why: 'People come and go. A list says who may be there, on one machine or on a hundred, and the plan shows what that would change.',
  how: 'List accounts under `users`. Only what an item says is managed: a shell that is not given is left alone. What the role added itself goes when it is no longer in the list; what others made stays, unless `exclusive: true`.',
  validation: 'chaos apply users --dry --detailed-exitcode',
  examples: [
    { yaml: 'hostname: web-1\ngroups:\n  - { name: deploy, gid: 1500 }\nusers:\n  - name: ana\n    shell: zsh\n    groups: [deploy, www-data]\n    sudo: true\n    keys: ["ssh-ed25519 AAAA… ana@laptop"]\n  - { name: ben, state: absent }\n' },
    { yaml: 'users:\n  exclusive: true\n  list:\n    - { name: ana, sudo: { nopasswd: true, commands: [/usr/bin/apt-get] } }\n' },
  ],
  equivalent: ['useradd --create-home --shell /bin/zsh --groups deploy,www-data ana', "printf 'ana ALL=(ALL:ALL) ALL\\n' | visudo -cf -", 'hostnamectl set-hostname web-1'],
  files: ['/etc/passwd', '/etc/group', '/etc/shadow', '/etc/sudoers.d/chaos-NAME', '~NAME/.ssh/authorized_keys', '/etc/hostname', '/etc/hosts'],
  commands: ['chaos apply users', 'chaos apply users --dry --diff', 'chaos explain operations.server.user'],
  learn_more: ['chaos explain users.sudo', 'chaos explain users.password', 'chaos explain users.removal'],
  security: 'Who is connected, and root, are never removed. A change that could cut you off is taken back unless a new connection confirms it.',
})

export default defineExplain({
  order: ['shell', 'group', 'keys', 'password', 'sudo', 'root', 'removal'],
  topics: {
    users,
    shell: {
      concept: 'Login shells',
      what: 'What starts when somebody logs in. A name means below /bin: `zsh` is `/bin/zsh`.',
      how: 'Write `shell`. A new account that says none gets /bin/bash where it is there; of one that is there already it is left alone. A shell that a package of the same run brings is waited for; one that nobody brings is an error.',
      examples: [{ yaml: 'users:\n  - { name: ana, shell: zsh }\n' }],
      security: 'An account without a login is one with the shell /usr/sbin/nologin: its keys and password let nobody in.',
    },
    group: {
      concept: 'Groups',
      what: '`groups` of an item are the supplementary groups of the account: exactly these. The key `groups` beside `users` is for groups that must be there by themselves.',
      how: 'A group that is missing is made, at the turn of the role: put `packages` before `users` in the file, and a group that comes with a package is there by then. It is made with an id of the system, as a package would make it, and stays when nobody is in it any more.',
      examples: [{ yaml: 'groups:\n  - deploy\n  - { name: media, gid: 1500 }\nusers:\n  - { name: ana, groups: [deploy, media] }\n' }],
      security: 'Being in docker, sudo, wheel, disk or adm is as good as being root, or nearly so.',
    },
    keys: {
      concept: 'Authorized keys',
      what: 'Public keys that let in by ssh. Others stay, unless `exclusive_keys: true`.',
      how: 'Write each as ssh-keygen does, with options before it if there are any. A key goes by itself: another comment makes no difference. Keys that the role added go when they are no longer in the list.',
      examples: [{ yaml: 'users:\n  - name: ana\n    keys:\n      - ssh-ed25519 AAAA… ana@laptop\n      - from="198.51.100.0/24",no-pty ssh-ed25519 AAAA… backup\n' }],
      security: 'The file is written with the rights of its owner, never as root.',
    },
    password: {
      concept: 'Passwords',
      what: 'A password is given as its hash, and as a secret. Without one it is not managed; a new account has none, and is entered by key.',
      how: 'Make a hash with `openssl passwd -6` or `mkpasswd`, and keep it where secrets are kept: as `password: ${secret:NAME:REFERENCE}` of the item, or in the secrets file under `user_secrets`.',
      examples: [{ yaml: 'users:\n  - { name: ana, password: "${secret:vault:users/ana}" }\n' }, { yaml: 'user_secrets:\n  ana: { password: "$6$…" }\n' }],
      security: 'The hash travels on standard input alone. A password in plain text is refused.',
    },
    sudo: {
      concept: 'Rights through sudo',
      what: '`sudo: true` lets an account do everything, with its password. A text is a rule, a map names commands. `false` takes the rule away; not given = not managed.',
      technical: 'A file /etc/sudoers.d/chaos-NAME (a dot of the name is written +, because sudo passes over names with dots), 0440, checked by visudo before it is live. A file 99-charonte-NAME that the Python Ch-aOS wrote is removed when ours is there.',
      examples: [{ yaml: 'users:\n  - { name: ana, sudo: true }\n  - { name: deploy, sudo: { nopasswd: true, commands: ["/usr/bin/systemctl restart site"] } }\n  - { name: ben, sudo: "ALL=(www-data) NOPASSWD: /usr/bin/php" }\n' }],
      security: 'A command that may be given any argument, or an editor, is as good as everything.',
    },
    root: {
      concept: 'root',
      what: 'root may stand in the list, for its keys, shell or password. It is never removed.',
      how: 'The role works as root on the host, through sudo, doas or su, whichever is there.',
      examples: [{ yaml: 'users:\n  - { name: root, keys: ["ssh-ed25519 AAAA… admin"] }\n' }],
    },
    removal: {
      concept: 'Who goes, and when',
      what: '`state: absent` removes an account. One that the role added and that is no longer in the list goes too, unless others changed it since: then it is kept, and the plan says so. `exclusive: true` removes all other people (ids 1000 to 60000, with a login shell).',
      why: 'A key that is absent says nothing: without `users` no account is touched.',
      how: 'The home stays, unless `remove_home: true`: with `state: absent`, or said when the account was made or last changed.',
      examples: [{ yaml: 'users:\n  - { name: ben, state: absent, remove_home: true }\n' }],
      security: 'Removals are counted and asked for. Who is connected and root are refused.',
    },
  },
})
