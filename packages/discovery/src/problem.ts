import { ChaosError } from '@chaos/core'

/** A problem is an error that ends nothing: what is wrong is left out and the rest goes on. */
export type Problem = ChaosError

export function untrusted(path: string, reason: string, source: string): Problem {
  return new ChaosError('PLUGIN_SOURCE_UNTRUSTED', {
    message: `${path} is not used to find plugins: ${reason}.`,
    hint: `Plugins run with your rights. Make it yours alone: chown it to you, and chmod go-w it.`,
    details: { path, source },
  })
}

export function unreadable(path: string, reason: string, source: string): Problem {
  return new ChaosError('PLUGIN_SOURCE_UNREADABLE', {
    message: `${path} cannot be read: ${reason}.`,
    hint: 'Correct it, or install its package anew.',
    details: { path, source },
  })
}

export function badManifest(packageName: string, folder: string, fault: string, hint: string): Problem {
  return new ChaosError('PLUGIN_MANIFEST', {
    message: `The plugin ${packageName} says in its package.json ${fault}.`,
    hint,
    details: { package: packageName, folder },
  })
}

export function notInstalled(packageName: string, folder: string, plugAndPlay: boolean): Problem {
  return new ChaosError('PLUGIN_NOT_INSTALLED', {
    message: `${folder}/package.json asks for ${packageName}, but it is not installed.`,
    hint: plugAndPlay
      ? "The project uses Yarn's Plug'n'Play, where only a chaos that Yarn started finds packages: run `yarn chaos`."
      : 'Install the dependencies of that folder.',
    details: { package: packageName, folder },
  })
}
