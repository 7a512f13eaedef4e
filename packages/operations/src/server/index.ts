export { directory as dir } from '../files/directory.ts'
export { shell } from './shell.ts'
