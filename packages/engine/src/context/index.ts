export { createPluginContexts } from './plugin-context.ts'
export type { PluginContextOptions, PluginContexts } from './plugin-context.ts'
export { runProgram } from './run-program.ts'
export type { ProgramResult } from './run-program.ts'
