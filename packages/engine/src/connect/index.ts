export { createConnector } from './connector.ts'
export type { ConnectOptions, HostConnector } from './connector.ts'
