// The zod that the operations' schemas are made with: a plugin that takes it from here saves its users a second copy.
// By name, because `z` as a whole brings the messages of forty languages along.
export { array, boolean, custom, enum, instanceof, int, literal, never, number, object, record, strictObject, string, tuple, union, unknown } from 'zod'
export type * from 'zod'
