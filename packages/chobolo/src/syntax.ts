import type { CST, Document, ErrorCode } from 'yaml'
import type { Problem } from './problem.ts'
import { MAX_DEPTH } from './limits.ts'
import type { Source } from './source.ts'

/** What to write instead, where the parser's own sentence does not say it. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  BAD_INDENT: 'Indent the keys of one map alike, and more than the key they belong to.',
  MISSING_CHAR: 'Close what was opened: a quote, a bracket, or put a colon and a space after the key.',
  BLOCK_AS_IMPLICIT_KEY: 'Put the value in quotes if it holds ": ", or begin the inner map on a line of its own.',
  UNEXPECTED_TOKEN: 'Put the value in quotes if it begins with one of @ ` % & * ! | > [ { # or holds ": ".',
  TAG_RESOLVE_FAILED: 'Remove the tag; texts, numbers, true, false, null, lists and maps are all there is.',
  BAD_ALIAS: 'Put the value in quotes if the * belongs to it.',
  BAD_SCALAR_START: 'Put the value in quotes.',
  BAD_DQ_ESCAPE: "Use single quotes, in which a backslash is just a backslash: 'C:\\dir'.",
}

/** The document of a text, as the YAML 1.2 core schema reads it; undefined where the text holds none. */
export async function parseYaml(source: Source): Promise<{ document: Document.Parsed | undefined; problems: Problem[] }> {
  const { Composer, Lexer, Parser } = await import('yaml')
  const problems: Problem[] = []
  const problem = (code: string, at: number, message: string, hint?: string): void => {
    problems.push({ code, severity: 'error', message, ...(hint === undefined ? {} : { hint }), position: source.position(at) })
  }
  const parser = new Parser()
  const tokens: CST.Token[] = []
  for (const lexeme of new Lexer().lex(source.text)) {
    for (const token of parser.next(lexeme)) tokens.push(token)
    // Before composing, which recurses: a file of 20 000 brackets ends the process there.
    if (parser.stack.length > MAX_DEPTH + 1) {
      problem('YAML_DEPTH', parser.offset, `There are more than ${MAX_DEPTH} maps and lists inside each other.`, 'Write it flatter.')
      return { document: undefined, problems }
    }
  }
  tokens.push(...parser.end())

  // Unique keys are checked when the tree is built: the library compares every key with every other.
  const composer = new Composer({ version: '1.2', schema: 'core', merge: false, uniqueKeys: false, prettyErrors: false, logLevel: 'silent' })
  const documents = [...composer.compose(tokens, true, source.text.length)]
  const [document, second] = documents
  for (const { code, message, pos } of [...(document?.errors ?? []), ...(document?.warnings ?? [])].slice(0, 100)) {
    problem(`YAML_${code}`, pos[0], `${message.replace(/[.:]?\s*$/, '')}.`, HINTS[code])
  }
  if (second) {
    problem('YAML_MULTIPLE_DOCS', second.range[0], 'A Ch-obolo is one YAML document, and here a second one begins.', 'Remove the line "---", or put the rest in a file of its own.')
  }
  if (document && document.directives.yaml.version !== '1.2') {
    problem('YAML_VERSION', 0, `A Ch-obolo is YAML 1.2, and this one says ${document.directives.yaml.version}.`, 'Remove the %YAML line.')
  }
  return { document: document?.contents ? document : undefined, problems }
}
