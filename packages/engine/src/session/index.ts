export type * from './contract.ts'
export { elevationKey, normalizeElevation } from './elevation.ts'
export { openSession } from './session.ts'
