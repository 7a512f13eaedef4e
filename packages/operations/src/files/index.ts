export { directory } from './directory.ts'
export { file } from './file.ts'
export { link } from './link.ts'
export { put } from './put.ts'
