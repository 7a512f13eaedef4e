/** The blocks of a page below «in a few lines»: they stand in no example, and are run by `recipes.test.ts`. */
export function recipesOf(page: string): string[] {
  const [, below = ''] = page.split(/^## .*, in a few lines$/m)
  return [...below.matchAll(/^```\w+\n([^]*?)\n```$/gm)].map(([, code = '']) => code)
}
