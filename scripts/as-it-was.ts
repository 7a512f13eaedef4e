import { afterAll } from 'vitest'

// Files of tests share processes: what one of them sets is not for the next.
const [environment, folder] = [{ ...process.env }, process.cwd()]

afterAll(() => {
  process.chdir(folder)
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name]
  Object.assign(process.env, environment)
})
