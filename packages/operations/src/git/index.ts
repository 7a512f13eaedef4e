export { repo } from './repo.ts'
