export { directory as dir } from '../files/directory.ts'
export { script } from './script.ts'
export { shell } from './shell.ts'
