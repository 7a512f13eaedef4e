import { defineExplain } from '@chaos/core'
import type { Depth, Page } from '@chaos/core'

const TECHNICAL: Readonly<Record<Depth, string>> = {
  basic: 'What is installed is compared with the list, and only what differs is changed.',
  intermediate:
    'The whole list becomes one operation, server.packages, which is one command of the package manager; repositories become apt.repository, an upgrade apt.upgrade. Everything is looked at in one exchange, as root.',
  advanced:
    'The whole list becomes one operation, server.packages, which is one command of the package manager (apt-get, pacman); repositories become apt.repository, an upgrade apt.upgrade. Everything is looked at in one exchange, as root: with apt one dpkg-query and the marks of apt, and no cache is made for it. Only when something differs is the command simulated, so that all that would come and go is in the plan; the command itself ends before it does anything, should it take away more than that. A lock that another process holds is waited for, up to ten minutes. What the role installs it notes on the host (/var/lib/chaos/state/packages.json).',
}

const packages = (depth: Depth): Page => ({
  concept: 'What is installed',
  what: 'The role `packages` reads one list: what shall be installed, through the package manager that the host has.',
  technical: TECHNICAL[depth],
  why: 'A machine is what is installed on it. A list that can be compared says which machines are alike, and what the next run would change.',
  how: 'List names under `packages`. `name=version` asks for one version; a map takes `version`, `state` (present, latest, absent) and other names elsewhere (`apt`, `pacman`). The shells of `users` come along.',
  validation: 'chaos apply packages --dry --detailed-exitcode',
  examples: [
    { yaml: 'packages:\n  - git\n  - nginx=1.22.1-9\n  - { name: httpd, apt: apache2, pacman: apache }\n  - { name: telnet, state: absent }\n' },
    { yaml: 'packages:\n  update: true\n  cache_time: 86400\n  upgrade: full\n  list: [git, { name: openssl, state: latest }]\n' },
  ],
  equivalent: ['apt-get install git nginx=1.22.1-9 apache2', 'apt-get remove telnet', 'pacman -S --needed git nginx apache'],
  files: ['/var/lib/dpkg/status', '/var/lib/apt/extended_states', '/var/lib/chaos/state/packages.json'],
  commands: ['chaos apply packages', 'chaos apply packages --dry', 'chaos explain operations.server.packages'],
  learn_more: ['chaos explain packages.removal', 'chaos explain packages.repositories', 'chaos explain packages.aur'],
  security: 'What the machine stands on (kernel, init, sshd, the network, the package manager) is never removed. Anything that goes is in the plan by name, counted, and asked for.',
})

export default defineExplain({
  order: ['removal', 'update', 'repositories', 'aur'],
  topics: {
    packages,
    removal: {
      concept: 'What goes, and when',
      what: '`state: absent` removes a package. One that the role installed itself and that is no longer in the list goes too. `exclusive: true` removes all else that somebody asked for.',
      why: 'A key that is absent says nothing: without `packages` nothing is touched. What others installed is theirs.',
      how: 'What something else needs stays, and so does what was put on hold or marked as a dependency since: the plan says so. `baseOverride` names what stays whatever the list says.',
      examples: [{ yaml: 'baseOverride: [vim]\npackages:\n  exclusive: true\n  list: [git, openssh-server]\n' }],
      security: 'More than ten removals, or a quarter of what somebody asked for, are asked for by name; where nobody can be asked, nothing is changed.',
    },
    update: {
      concept: 'The package index',
      what: 'The index is refreshed first, when it is older than `cache_time` seconds (an hour) and something depends on it: with apt unless you say `update: false`, on Arch only with `update: true`.',
      how: 'It is refreshed when something is missing or shall be `latest`, never by a dry run. `upgrade: true` brings all packages to what the index has, `full` also those that need another one to go.',
      examples: [{ yaml: 'packages: { list: [git], update: true, cache_time: 86400, upgrade: true }\n' }],
      security: 'A version that is pinned gets no security updates.',
    },
    repositories: {
      concept: 'Repositories of apt',
      what: 'Each becomes a file of its own below /etc/apt/sources.list.d, which names the key that signs it.',
      how: 'Give `name`, `uris`, `suites`, `components` and a `key`: a text, a file of the controller (`src`), or an address with the SHA-256 of what is there. The index is refreshed once for all.',
      examples: [{ yaml: 'packages:\n  list: [docker-ce]\n  repositories:\n    - name: docker\n      uris: https://download.docker.com/linux/debian\n      suites: bookworm\n      components: stable\n      key: { src: docker.asc }\n' }],
      security: 'A key is trusted for its own repository alone. `trusted: true` takes packages without any signature.',
    },
    aur: {
      concept: 'Packages of the AUR',
      what: '`aurPackages` are built by the first of `aurHelpers` (yay or paru), on Arch.',
      how: 'The helper has to be there. It runs as the login user, or as `aur_user` of the map `packages`. On a host without pacman these keys are an error.',
      examples: [{ yaml: 'aurHelpers: [paru]\naurPackages: [google-chrome]\n' }],
      security: 'Anyone may put anything into the AUR.',
    },
  },
})
