export { EVENTS_VERSION } from './events/events.ts'
export type * from './events/events.ts'
export type * from './run/contract.ts'
export type * from './session/contract.ts'
