export { directory as dir } from '../files/directory.ts'
export { packages } from './packages.ts'
export { script } from './script.ts'
export { shell } from './shell.ts'
