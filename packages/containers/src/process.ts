// A door of its own: who only ends processes does not load what speaks to engines.
export { BEGIN } from './process/begin.ts'
export { END } from './process/end.ts'
export { takePids } from './process/first-line.ts'
export { inside } from './process/inside.ts'
export type { Inside, InsideOptions } from './process/inside.ts'
export { saidInstead } from './process/not-begun.ts'
export type { NotBegun } from './process/not-begun.ts'
