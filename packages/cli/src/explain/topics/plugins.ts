import type { Topics } from './topic.ts'

/** What others may add, and where it comes from. */
export const PLUGINS: Topics = {
  boats: {
    boats: {
      concept: 'Boats',
      what: 'A boat asks somebody which machines there are, an API, a program or a file, and brings them into the fleet.',
      why: 'Where machines come and go, a list that somebody writes is always wrong.',
      how: 'Name it below `fleet.boats`, with its config. A package called @chaos/boat-NAME or chaos-boat-NAME, among the dependencies of your project.',
      technical: 'Boats are asked at the start of a run with --fleet or --limit, on the controller. What they give is checked like hosts that are written: name, data, groups. One that cannot be asked fails the run: it is never an empty fleet.',
      commands: ['chaos check boats', 'chaos apply --fleet --dry'],
      examples: [{ yaml: 'fleet:\n  boats:\n    - provider: prometheus\n      config: { url: "https://inventory.example.net/targets" }\n' }],
      security: 'A boat is code that runs on this machine, and says on which others you work: take it from whom you trust.',
    },
  },
  providers: {
    providers: {
      concept: 'Secret providers',
      what: 'A provider reads a secret from where it is kept: `${secret:NAME:REFERENCE}` in a Ch-obolo is what the provider NAME has under REFERENCE.',
      why: 'The Ch-obolo can be shown to everybody; the secret stays in your vault, your environment, your password store.',
      how: 'A package called @chaos/provider-NAME or chaos-provider-NAME. What it must be told stands in the config, below `secret_providers.NAME`. The name sops is taken: `${secret:sops:KEY}` is a key of the secrets file (chaos explain secrets).',
      technical: 'A provider is loaded when its first secret is needed, and asked on the controller. What it gives is of a type that shows itself as *** and refuses to become text; the engine alone reveals it, over stdin or as the content of a file, and takes it out of all that is printed and kept.',
      commands: ['chaos check providers', 'chaos check providers --status', 'chaos explain provider-env'],
      examples: [{ bash: 'npm install @chaos/provider-env' }, { yaml: 'files:\n  - { path: /etc/app/password, content: "${secret:env:APP_PASSWORD}", mode: "0600" }\n' }],
      files: ['~/.config/chaos/config.yml'],
      security: 'A key that takes no secret refuses one: it would end in arguments that others can see.',
    },
  },
  styx: {
    styx: {
      concept: 'Reviewed plugins',
      what: 'Somebody you trust wrote down which plugins they looked at, in one YAML file. `chaos styx invoke NAME` installs exactly those bytes.',
      why: 'A plugin is code that runs with your keys. A name and a version can be made to mean something else tomorrow; a hash cannot.',
      how: 'Name the registry by --registry, CHAOS_STYX_REGISTRY or `styx_registry` of the config: a URL or a path. `list` shows what it has, `update` installs what it has now, `destroy` removes, `verify` looks again.',
      technical: 'The hash is checked before anything is unpacked. npm installs without scripts into a copy of the plugin folder, which takes its place as a whole or not at all. styx-lock.json keeps version and integrity.',
      equivalent: 'npm install --ignore-scripts NAME@VERSION',
      commands: ['chaos styx list', 'chaos styx invoke motd', 'chaos styx update', 'chaos styx verify', 'chaos styx destroy motd'],
      examples: [{ yaml: 'styx:\n  motd: { name: chaos-role-motd, version: 1.0.0, hash: sha512-… }\n' }, { bash: 'chaos styx invoke motd --registry ./styx.yml' }],
      files: ['~/.local/share/chaos/plugins', '~/.local/share/chaos/plugins/styx-lock.json'],
      validation: 'chaos styx verify',
      security: 'The registry is what you trust: keep it where only those write who review. Over plain http it is not read. What a plugin depends on is npm\'s to resolve: `invoke` and `verify` name it. What a plugin bundles is under its hash.',
    },
  },
}
