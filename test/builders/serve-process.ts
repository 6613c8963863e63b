// The program as people start it, in a process of its own: what it prints, its descendants, how it ends.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROGRAM = fileURLToPath(new URL('../../bin/duga.js', import.meta.url))

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Default: this Node and the program. */
  readonly command?: readonly string[]
}

export interface Program {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

/** Starts `duga` with arguments, without the settings of whoever runs the tests. */
export function startProgram(args: readonly string[], options: RunOptions = {}): Program {
  const { environment = {}, cwd = ROOT, command = [process.execPath, PROGRAM] } = options
  const [program, ...before] = command
  const child = spawn(program!, [...before, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, LOG_LEVEL: 'silent', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]!.setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text
    })
  }
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...texts }))
  return { child, ended }
}

export interface ServeProcess extends Program {
  readonly url: string
  /** Of the server itself, which `npm start` may have put others before. */
  readonly pid: number
  readonly home: string
}

/**
 * Starts `serve --json` on a free port and waits until it listens.
 * @param home null: port and home are those of the options
 */
export async function startServe(
  home: string | null,
  options: RunOptions & { readonly args?: readonly string[] } = {},
): Promise<ServeProcess> {
  const { args = ['serve', '--json'], environment, ...rest } = options
  const settings = { ...(home !== null && { DUGA_HOME: home, PORT: '0' }), ...environment }
  const program = startProgram(args, { environment: settings, ...rest })
  const started = Promise.withResolvers<{ url: string; pid: number; home: string }>()
  let text = ''
  program.child.stdout!.on('data', (chunk: string) => {
    text += chunk
    const line = /^\{.*\}$/m.exec(text)?.[0]
    if (line !== undefined) started.resolve(JSON.parse(line))
  })
  program.ended.then(({ code, stderr }) => {
    started.reject(new Error(`the server ended with ${code}: ${stderr}`))
  }, started.reject)
  return { ...program, ...(await started.promise) }
}

/** Process ids of all descendants, as /proc has them. */
export function descendantsOf(pid: number): readonly number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      // After the name in brackets, which may hold anything: state, parent.
      const [, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ').at(-1)!.split(' ')
      parents.set(Number(name), Number(parent))
    } catch (error) {
      // It ended while the list was read.
      if (!['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    }
  }
  const below = (parent: number): number[] =>
    [...parents].filter(([, its]) => its === parent).flatMap(([child]) => [child, ...below(child)])
  return below(pid)
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

/** Looks again and again until it is so. */
export async function until(
  isSo: () => boolean | Promise<boolean>,
  what: string,
  limitMs = 30_000,
): Promise<void> {
  const deadline = performance.now() + limitMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`it did not come about: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
