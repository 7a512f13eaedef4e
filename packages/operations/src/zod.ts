// The zod that the operations' schemas are made with: a plugin that takes it from here saves its users a second copy.
// By name, because `z` as a whole brings the messages of forty languages along.
export {
  any, array, boolean, custom, discriminatedUnion, enum, instanceof, int, intersection, lazy, literal, looseObject, never, null, nullable, number, object, optional, pipe,
  preprocess, record, strictObject, string, transform, tuple, undefined, union, unknown,
} from 'zod'
export type * from 'zod'
