import type { Topics } from './topic.ts'

/** Commands that are not the name of something that has a topic of its own. */
export const COMMANDS: Topics = {
  check: {
    check: {
      concept: 'Looking before anything runs',
      what: '`chaos check` validates the Ch-obolo and says for each mistake the file, the line, the column and what to write instead. `chaos check roles` and the like list what is installed.',
      why: 'It asks no machine, so it can run at every commit.',
      how: 'Lists: roles, aliases, explanations, providers, boats, connectors, plugins, secrets, templates. `plugins` shows where each package came from, and what it shadows.',
      technical: 'Without a word the roles are imported and their schemas validate what stands under their keys; a list imports nothing. No secret is read: that a provider is installed, and that the secrets file has a key, is seen without. Exit codes: 0 all is right, 2 something is wrong.',
      commands: ['chaos check', 'chaos check roles', 'chaos check plugins', 'chaos check connectors --json'],
      examples: [{ bash: 'chaos check -c ./ch-obolo.yml' }],
    },
  },
  explain: {
    explain: {
      concept: 'How it works, from the installed packages',
      what: '`chaos explain TOPIC` shows the page of a role, an operation, a connector or a part of chaos; without a topic it lists them.',
      why: 'What you read is of the version that you have.',
      how: 'TOPIC.list names the pages below a topic, TOPIC.SUB shows one. --details says which parts are shown, --complexity how deep the text goes: basic, intermediate or advanced.',
      technical: 'Pages come from the group `explain` of a plugin, which wins over a topic of chaos with the same name. Those of operations and connectors are made from their schemas. `-` and `_` are the same. --json and --no-pretty give the page as data.',
      commands: ['chaos explain', 'chaos explain files', 'chaos explain operations.files.put', 'chaos explain apply --details advanced'],
      examples: [{ bash: 'chaos explain apply.dry' }],
    },
  },
  init: {
    init: {
      concept: 'Beginning',
      what: '`chaos init chobolo` writes a first ch-obolo.yml from the plugins that are installed, as comments to take the # from. `chaos init secrets` makes a key and an empty secrets file.',
      why: 'Nothing is applied that nobody meant, and nothing has to be looked up first.',
      how: 'Names of roles after `chobolo` take only their keys; --template prints it instead of writing. A file that is there is never written over.',
      technical: 'The first line names .chaos/schema.json, which is written beside it: editors with yaml-language-server complete keys and mark mistakes by it. `chaos schema` prints it anew.',
      commands: ['chaos init chobolo', 'chaos init chobolo files --template', 'chaos init secrets'],
      examples: [{ bash: 'chaos init chobolo && chaos apply --dry' }],
      files: ['./ch-obolo.yml', './.chaos/schema.json'],
    },
  },
  set: {
    set: {
      concept: 'What is remembered',
      what: '`chaos set chobolo FILE` remembers the Ch-obolo to use where there is none; `set secrets` and `set sops` do so for the secrets file and the config of sops.',
      why: 'So that `chaos apply` works from every folder.',
      how: 'The config is a YAML file; it may also hold `aliases`, `secret_providers`, `secret_timeout` (seconds a provider may take for one secret, default 120), `secret_plugins`, `styx_registry` and `max_removals`. `chaos check` tells keys that mean nothing; `limani`, `werehouse` and `secret_backends` of the Python tool have no effect here and are left alone.',
      technical: 'It lies in $CHAOS_CONFIG_DIR, else $XDG_CONFIG_HOME/chaos, else ~/.config/chaos. What is given on the command line wins, then what lies in the folder you are in.',
      commands: ['chaos set chobolo ~/machines/ch-obolo.yml', 'chaos set secrets ~/machines/secrets.yml'],
      examples: [{ bash: 'chaos set chobolo ~/machines/ch-obolo.yml' }],
      files: ['~/.config/chaos/config.yml'],
    },
  },
  schema: {
    schema: {
      concept: 'The schema of a Ch-obolo',
      what: '`chaos schema` prints the JSON Schema of a Ch-obolo with the roles and connectors that are installed.',
      why: 'Editors complete keys, show what they mean and mark mistakes while you write.',
      how: 'Print it again after a plugin was added. The first line of the Ch-obolo says where it is: # yaml-language-server: $schema=.chaos/schema.json',
      technical: 'Draft-07, made from the schemas of roles\' keys and connectors\' host data. Where a text may hold ${name}, that is allowed beside the type.',
      commands: ['chaos schema'],
      examples: [{ bash: 'chaos schema > .chaos/schema.json' }],
      files: ['./.chaos/schema.json'],
    },
  },
  exec: {
    exec: {
      concept: 'A command on hosts',
      what: '`chaos exec -- COMMAND` runs a shell command on this machine, or with --fleet or --limit on others, and shows only what it prints.',
      why: 'For a look at many machines at once, by the same connections and elevation as an apply.',
      how: 'Words after -- are quoted as they stand; one single word is a line of shell. --sudo runs it as root.',
      technical: 'It is a run with one operation, server.shell, which always does something: it is not asked for beforehand, and is kept in the journal. Exit code 1 when it failed on a host.',
      commands: ['chaos exec --fleet -- uptime', 'chaos exec --limit "web*" --sudo -- systemctl status nginx'],
      examples: [{ bash: 'chaos exec --fleet -- uptime' }],
      security: 'Nothing is compared and nothing is asked: what you write runs on every host that is chosen.',
    },
  },
  unlock: {
    unlock: {
      concept: 'The lock of a dead run',
      what: 'While chaos changes a machine, it holds a lock there. `chaos unlock ID` takes away the one that a dead run has left.',
      why: 'Two runs at once would each undo what the other has just done.',
      how: 'The refusal names the id. With --fleet or --limit it is taken away on the hosts of the fleet.',
      technical: 'A folder, below /run/lock or in the state folder, taken before the first change: looking needs none. One of another boot is nobody\'s.',
      commands: ['chaos unlock ID', 'chaos unlock ID --limit web1'],
      examples: [{ bash: 'chaos unlock 20260101-120000-123-abcdef01 --limit web1' }],
      security: 'Make sure that the run is dead: the id says when it began.',
    },
  },
  completion: {
    completion: {
      concept: 'Completion in the shell',
      what: '`chaos completion` prints what bash, zsh or fish reads to complete commands, options, roles, hosts and topics.',
      why: 'Names come from your Ch-obolo and your plugins, as they are now.',
      how: 'In ~/.bashrc or ~/.zshrc: eval "$(chaos completion)". In config.fish: chaos completion fish | source',
      technical: 'The shell asks `chaos __complete` at each tab. Plugins are listed without being imported, and a mistake in the Ch-obolo gives fewer words, never an error.',
      commands: ['chaos completion bash', 'chaos completion zsh', 'chaos completion fish'],
      examples: [{ bash: 'eval "$(chaos completion)"' }],
    },
  },
}
