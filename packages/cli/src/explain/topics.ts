import { COMMANDS } from './topics/commands.ts'
import { PLUGINS } from './topics/plugins.ts'
import { SECRETS } from './topics/secrets.ts'
import type { Topics } from './topics/topic.ts'

/** What chaos explains of itself. */
export const BUILT_IN: Topics = {
  ...COMMANDS,
  ...PLUGINS,
  ...SECRETS,
  chaos: {
    chaos: (depth) => ({
      concept: 'Machines as a file',
      what: {
        basic: 'You write down how a machine should be, in a YAML file called the Ch-obolo. `chaos apply` looks at the machine, shows what differs, and makes it so.',
        intermediate: 'chaos reads a Ch-obolo, finds the roles that read its keys, asks each host what it has, shows the difference as a plan, and applies the plan.',
        advanced: 'A thin core: roles turn desired data into operations, operations compare and say what to do, the engine alone runs commands, grouped into as few round trips as their order allows. Connectors only open a shell.',
      }[depth],
      why: 'A file can be read, reviewed and applied again. Applying it twice changes nothing the second time.',
      how: 'Everything else is a plugin: a package called @chaos/role-NAME, chaos-role-NAME, @chaos/connector-NAME and so on, found by its name among the dependencies of your project.',
      technical: 'Plugins are listed without being run and imported when a run uses them. What crosses between packages is recognised by a brand, so that two copies of the core can live together.',
      commands: ['chaos init chobolo', 'chaos check', 'chaos apply --dry', 'chaos apply'],
      examples: [{ yaml: 'files:\n  - path: /etc/motd\n    content: |\n      Welcome.\n' }],
      files: ['./ch-obolo.yml', '~/.config/chaos/config.yml', '~/.local/state/chaos/runs'],
      security: 'A key that is not there means "not managed", never "remove it". Without --fleet the target is this machine.',
    }),
    chobolo: {
      concept: 'The Ch-obolo',
      what: 'One YAML file. A root key belongs to a role, or is `fleet`, or a variable that others refer to with ${name}.',
      why: 'Mistakes are found before anything runs: each error says the file, the line, the column, and what to write instead.',
      how: 'Found as -c FILE, else ./ch-obolo.yml, else the file of `chaos set chobolo FILE`.',
      commands: ['chaos init chobolo', 'chaos check', 'chaos schema'],
      examples: [{ yaml: 'root: /srv\nfiles:\n  - { path: "${root}/www", state: directory, mode: "0755" }\n' }],
    },
  },
  apply: {
    apply: (depth) => ({
      concept: 'Plan, ask, apply, look again',
      what: depth === 'basic'
        ? '`chaos apply` shows what differs from the Ch-obolo, asks, and changes only that.'
        : 'Connect to all hosts side by side, ask their facts, compare, show the plan, ask once, apply in written order, and look again at what was changed.',
      why: 'The plan is what will run: apply is the plan, executed. What cannot be known before is shown as "known after apply".',
      how: 'Symbols: + comes into being, ~ changes, - is removed, ! always runs, ? is known after apply or depends on an earlier result.',
      technical: 'Exit codes: 0 done or nothing to do, 1 something failed or the question was declined, 2 wrong usage or Ch-obolo, 130 interrupted; with --dry --detailed-exitcode 3 when something would change. --json gives events, one per line, on stdout.',
      commands: ['chaos apply', 'chaos apply --dry --diff', 'chaos apply files --fleet --limit web1,web2', 'chaos apply --yes --json'],
      examples: [{ bash: 'chaos apply --dry' }, { bash: 'chaos apply files -y' }],
      validation: 'chaos apply --dry --detailed-exitcode',
      security: 'When something would be removed the default answer is no. Without a terminal nothing is asked and nothing is done, unless --yes says so.',
    }),
    tags: { concept: 'Tags', what: 'Names of roles, or aliases of them. Without any, all roles run whose keys are in the Ch-obolo, in its order.', why: 'Only the plugins that the tags need are imported and validated.', examples: [{ bash: 'chaos apply files' }], commands: ['chaos check roles', 'chaos check aliases'] },
    dry: { concept: 'Dry run', what: 'Everything up to the first change: connect, look, compare, show the plan.', why: 'It is the same code as a real run, up to the point where something would change.', examples: [{ bash: 'chaos apply --dry --diff' }] },
  },
  roles: {
    roles: (depth) => ({
      concept: 'Roles',
      what: 'A role reads its keys of the Ch-obolo and says which operations should hold.',
      why: 'You say what; the role knows how, on each system it serves.',
      how: depth === 'advanced' ? 'keys (schemas) → context (looks) → delta (compares, pure) → plan (yields operations). The short form is one generator that yields operations.' : 'A package called @chaos/role-NAME or chaos-role-NAME; add it to your project and it is there.',
      technical: 'A role without a tag on the command line runs when one of its keys is there. It is drawn once, before anything changes; what is shown and confirmed are the differences of its operations.',
      commands: ['chaos check roles', 'chaos explain files'],
      examples: [{ bash: 'npm install @chaos/role-files' }],
    }),
  },
  operations: {
    operations: {
      concept: 'Operations',
      what: 'An operation is the desired state of one thing: a file, a line, a directory. It is data; the engine decides when commands run.',
      why: 'So that dry run, plan, difference, batching and a second run that changes nothing hold for every one of them.',
      technical: 'Each compares by facts, which many ask in one command, and gives steps: commands, or files that are written. Those that touch different things travel together; after its turn each is compared again.',
      how: '`chaos explain operations.list` names them, `chaos explain operations.files.put` shows what one takes.',
      examples: [{ bash: 'chaos explain operations.files.put' }],
    },
  },
  connectors: {
    connectors: {
      concept: 'Connectors',
      what: 'A connector opens a shell on a machine, and does nothing else. A name like @docker/web says which: without an @ it is SSH.',
      why: 'sudo, files, quoting, timeouts and batching belong to the engine, so every connector has all of them, and they stack: @ssh/bastion/@docker/web.',
      how: 'A package called @chaos/connector-NAME or chaos-connector-NAME.',
      technical: 'It spawns commands by a POSIX sh and passes their streams on. The engine keeps one shell for each user on the connection, and sends many commands as one frame, whose answers nobody can forge.',
      commands: ['chaos check connectors'],
      examples: [{ yaml: 'fleet:\n  hosts:\n    - "@local": {}\n' }],
    },
  },
  trust: {
    trust: (depth) => ({
      concept: 'Trusting machines',
      what: depth === 'basic'
        ? 'A machine shows a key of its own before anything is said to it. chaos talks only to machines whose key is known; `chaos trust HOST` shows the key, asks, and keeps it.'
        : '`chaos trust HOST…` asks each machine for its keys, without naming a user to it or offering a key or a password, shows their fingerprints, asks once per host, and appends them to the known_hosts file that ssh uses too.',
      why: 'Whoever answers in a machine\'s place would be given your passwords and your changes.',
      how: 'HOST is a host of the fleet, with its data, or any name: db1, @ssh/bastion/@ssh/db1. Several are asked one after the other, so that a bastion that is trusted first is the way to those behind it.',
      technical: 'A machine of which one key is known already is recognised by it, and its further keys are added. One that shows another key than the known one is refused: what was trusted is never replaced.',
      equivalent: 'ssh-keyscan -t ed25519,ecdsa,rsa -p PORT HOST | ssh-keygen -lf -',
      commands: ['chaos trust db1', 'chaos trust bastion @ssh/bastion/@ssh/db1', 'chaos trust --yes --json db1'],
      examples: [{ bash: 'chaos trust db1.example.net' }],
      files: ['~/.ssh/known_hosts'],
      security: 'Compare the fingerprint with one that came another way: from the machine\'s console, its provider, or who set it up. --yes trusts whoever answers.',
    }),
  },
  fleet: {
    fleet: {
      concept: 'The fleet',
      what: 'The hosts of a Ch-obolo, below the key `fleet`. `chaos apply --fleet` works on them, --limit on some of them.',
      why: 'Hosts do not wait for each other, and one that fails does not end the others.',
      technical: 'All hosts are connected to and asked side by side; the plan is shown once for all. Data of groups come first, those of the host win. Boats and connectors that expand (terraform, vagrant) add hosts before any is chosen.',
      how: 'hosts: a list or a map of names with data; groups: name patterns with data; restrictions: which roles run where; parallelism: how many at once, default 50.',
      commands: ['chaos apply --fleet --dry', 'chaos apply --limit "web*"'],
      examples: [{ yaml: 'fleet:\n  parallelism: 20\n  hosts:\n    - "@local": {}\n    - db.example.net: { sudo: true }\n' }],
      security: '--fleet or --limit that finds no host is an error, never this machine.',
    },
  },
}
