/** For the parser, which imports it when there is something to say; commands import show-error itself. */
export { showError } from './show-error.ts'
